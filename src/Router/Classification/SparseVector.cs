namespace RouterGateway.Router.Classification;

/// <summary>The features of a text that are not zero.</summary>
/// <param name="Features">Their numbers.</param>
/// <param name="Values">Their values.</param>
internal readonly record struct SparseVector(int[] Features, float[] Values)
{
    /// <summary>Of a text without any.</summary>
    public static SparseVector Empty { get; } = new([], []);
}
