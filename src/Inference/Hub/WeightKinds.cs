namespace RouterGateway.Inference.Hub;

/// <summary>The kinds of weights that exports come in, and what their files are called.</summary>
internal static class WeightKinds
{
    /// <summary>The kind whose files have no suffix.</summary>
    public const string Float32 = "fp32";

    // Best first: on a CPU float16 is slow, and on CUDA GroupQueryAttention needs it.
    private static readonly string[] _cpu = ["q4", Float32, "int8", "q8", "uint8", "q4f16", "fp16"];
    private static readonly string[] _cuda = ["q4f16", "fp16", "q4", Float32, "int8", "q8", "uint8"];

    /// <summary>All kinds, best first.</summary>
    public static IReadOnlyList<string> ByPreference(bool isCuda) => isCuda ? _cuda : _cpu;

    /// <summary>What the names of a kind's graphs end in, before ".onnx".</summary>
    public static IReadOnlyList<string> Suffixes(string dtype) => dtype switch
    {
        Float32 => [""],
        "int8" or "q8" => [$"_{dtype}", "_quantized"],
        _ => [$"_{dtype}"],
    };

    /// <summary>The kind that a suffix stands for.</summary>
    public static string OfSuffix(string suffix) => suffix switch
    {
        "" => Float32,
        "_quantized" => "q8",
        _ => suffix.TrimStart('_'),
    };

    /// <summary>Whether a kind computes in float16.</summary>
    public static bool IsHalf(string dtype) => dtype.EndsWith("f16", StringComparison.Ordinal) || dtype.EndsWith("fp16", StringComparison.Ordinal);

    /// <summary>Why a repository's float16 kinds are of no use; null when they are.</summary>
    public static string? WhyNoHalf(string repository) => repository.Contains("embeddinggemma", StringComparison.OrdinalIgnoreCase)
        ? "EmbeddingGemma overflows in float16, and its embeddings become NaN"
        : null;
}
