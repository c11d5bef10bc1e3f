namespace RouterGateway.Router.Routes;

/// <summary>How many bits a stored key or value has, by the name of the kind.</summary>
internal static class KvCacheBits
{
    /// <summary>Bits of a cluster's KV cache: the fewest of keys and values.</summary>
    /// <returns>Null when the name does not tell, as <c>auto</c> does not.</returns>
    public static int? Of(Cluster cluster) => Of(cluster.Embedded?.KvCache ?? cluster.KvCache);

    /// <summary>Reads the names of vLLM, SGLang, llama.cpp, Ollama and ours: int8, fp8_e4m3, int8_per_token_head, q4_0, turboquant_3bit_nc, bf16, ...</summary>
    public static int? Of(string? kind) => kind?.ToLowerInvariant() switch
    {
        null or "" or "auto" => null,
        "none" or "f16" or "fp16" or "float16" or "bf16" or "bfloat16" => 16,
        "f32" or "float32" => 32,
        var name when name.Contains("turboquant_k8v4", StringComparison.Ordinal) => 4,
        var name when name.Contains("3bit", StringComparison.Ordinal) || name.Contains("k3v4", StringComparison.Ordinal) => 3,
        var name when name.StartsWith("q4", StringComparison.Ordinal) || name.Contains("int4", StringComparison.Ordinal) || name.Contains("fp4", StringComparison.Ordinal) || name.Contains("4bit", StringComparison.Ordinal) || name.StartsWith("iq4", StringComparison.Ordinal) => 4,
        var name when name.StartsWith("q5", StringComparison.Ordinal) => 5,
        var name when name.StartsWith("q6", StringComparison.Ordinal) => 6,
        var name when name.StartsWith("q8", StringComparison.Ordinal) || name.Contains("int8", StringComparison.Ordinal) || name.Contains("fp8", StringComparison.Ordinal) => 8,
        _ => null,
    };
}
