namespace RouterGateway.Inference.KvCache;

/// <summary>How a model stores its KV cache.</summary>
internal enum KvCachePrecision
{
    /// <summary>In the type of the model's activations: float32, float16 or bfloat16.</summary>
    None,

    /// <summary>Eight bits per value, static scales.</summary>
    Int8,

    /// <summary>Four bits per value, two to a byte, static scales.</summary>
    Int4,

    /// <summary>Eight bits per value, with a float32 scale for every token and head.</summary>
    Int8PerTokenHead,
}
