namespace RouterGateway.Inference.Scoring;

/// <summary>How the KV cache of a scorer's prefix is kept.</summary>
public enum PrefixPrecision
{
    /// <summary>In the type of the model's activations: exact, four times (float16: twice) the size.</summary>
    Exact,

    /// <summary>int8 with a float32 scale for every token and head.</summary>
    Quantised,
}
