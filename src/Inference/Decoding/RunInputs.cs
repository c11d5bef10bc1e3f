using System.Collections;
using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

/// <summary>Inputs that live for one run, disposed with it.</summary>
internal sealed class RunInputs : IReadOnlyCollection<OrtValue>, IDisposable
{
    private readonly List<OrtValue> _values = [];
    private readonly List<OrtValue> _owned = [];

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Appends an input, and owns it from here on.</summary>
    public void Add(OrtValue value) => _values.Add(value);

    /// <summary>Owns a value that is no input, but whose memory one of them uses.</summary>
    public void Own(OrtValue value) => _owned.Add(value);

    /// <inheritdoc/>
    public IEnumerator<OrtValue> GetEnumerator() => _values.GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        _values.ForEach(static value => value.Dispose());
        _owned.ForEach(static value => value.Dispose());
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
