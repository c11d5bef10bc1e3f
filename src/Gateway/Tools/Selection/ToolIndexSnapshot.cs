namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>What tools are searched in: swapped whole by <see cref="ToolIndex"/>, read without locks.</summary>
/// <param name="Words">By words.</param>
/// <param name="Vectors">By meaning; of the documents of <paramref name="Words"/>.</param>
internal sealed record ToolIndexSnapshot(ToolWordIndex Words, ToolVectors Vectors)
{
    private static readonly Dictionary<string, ReadOnlyMemory<float>> _noVectors = [];

    public static ToolIndexSnapshot Empty { get; } = new(ToolWordIndex.Empty, NoVectors(ToolWordIndex.Empty));

    public static ToolVectors NoVectors(ToolWordIndex words) => new(words, null, _noVectors);
}
