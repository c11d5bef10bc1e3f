using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Scoring;

/// <summary>Model folders that scorers are tested with.</summary>
internal static class ScorerModels
{
    public const string Shipped = "shipped int8";
    public const string Tiny = "one graph";
    public const string TinyHalf = "one graph, float16";
    public const string TinySplit = "two graphs";
    public const string TinySplitFlat = "two graphs, 3-D per-layer inputs";

    public const string TinySplitExternal = "two graphs, weights in files of their own";

    public static TemporaryFolder Write(string model) => model switch
    {
        Shipped => TemporaryFolder.CopyOf("sample-coding"),
        Tiny => new TinyGemma().Write(),
        TinyHalf => new TinyGemma(half: true).Write(),
        TinySplit => new TinyGemma(split: true).Write(),
        TinySplitFlat => new TinyGemma(split: true, flatPerLayer: true).Write(),
        TinySplitExternal => new TinyGemma(split: true, external: true).Write(),
        _ => throw new ArgumentOutOfRangeException(nameof(model)),
    };

    /// <summary>Seeded token ids, none of them a control token.</summary>
    public static int[] Tokens(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(300, TinyGemma.Vocabulary))];
    }
}
