namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Which document each tool of a view has.</summary>
/// <param name="documents">In the order of the view; <see cref="Unknown"/> for a tool that came after the index was made.</param>
internal sealed class ViewPlaces(int[] documents)
{
    public const int Unknown = -1;

    public ReadOnlySpan<int> Documents => documents;

    /// <summary>True when the index knows all tools of the view.</summary>
    public bool IsComplete { get; } = Array.IndexOf(documents, Unknown) < 0;
}
