using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Scoring;

/// <summary>The KV cache of a prompt's beginning, computed once and read by any number of runs at a time.</summary>
/// <remarks>Not disposing it is safe: the memory goes with the garbage collection, after the last run that reads it.</remarks>
public sealed class LabelPrefix : IDisposable
{
    internal LabelPrefix(LabelScorer scorer, int[] tokens, OrtValue[] past)
    {
        (Scorer, Tokens, Past) = (scorer, tokens, past);
        KvBytes = past.Sum(static value => BytesOf(value));
    }

    /// <summary>The tokens of the beginning.</summary>
    public IReadOnlyList<int> Tokens { get; }

    /// <summary>Bytes of all keys and values, and their scales.</summary>
    public long KvBytes { get; }

    /// <summary>Whose prefix it is.</summary>
    internal LabelScorer Scorer { get; }

    /// <summary>In the order of the decoder's inputs; read-only.</summary>
    internal OrtValue[] Past { get; }

    /// <summary>Frees the memory; no run may be under way.</summary>
    public void Dispose()
    {
        foreach (var value in Past)
        {
            value.Dispose();
        }
    }

    private static long BytesOf(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return info.ElementCount * info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int8 => 1,
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => 4,
            _ => 2,
        };
    }
}
