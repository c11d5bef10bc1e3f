namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>What each way of comparing a prompt with a tool counts; each is brought to mean 0 and deviation 1 over the tools of a view before.</summary>
/// <param name="Grams">BM25 over sequences of three characters.</param>
/// <param name="Meaning">Cosine of the embeddings.</param>
/// <param name="Name">Which share of the tool's name the prompt has.</param>
internal readonly record struct FusionWeights(double Grams, double Meaning, double Name)
{
    /// <summary>Chosen on the half "tune" of tests/Golden/tools: twice or half of any of them finds fewer tools, and so do reciprocal ranks (docs/benchmarks.md).</summary>
    public static FusionWeights Fused { get; } = new(1, 1, 0.3);

    public static FusionWeights WordsAlone { get; } = new(1, 0, 0.3);

    public static FusionWeights MeaningAlone { get; } = new(0, 1, 0);
}
