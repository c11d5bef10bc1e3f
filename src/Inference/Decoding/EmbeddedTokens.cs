using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

/// <summary>What the graph that embeds tokens gave out; disposes of what nobody took.</summary>
internal sealed class EmbeddedTokens(string[] names, OrtValue[] values) : IDisposable
{
    private readonly OrtValue?[] _left = values;

    /// <summary>Hands an output over to the caller.</summary>
    public OrtValue Take(string name)
    {
        var index = Array.IndexOf(names, name);
        var value = _left[index] ?? throw new InvalidOperationException($"\"{name}\" was taken already.");
        _left[index] = null;
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_left, static value => value?.Dispose());
}
