using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

/// <summary>One buffer per tensor that is past and present of every run: a token costs its own row, and going back costs nothing.</summary>
internal sealed class SharedKvBuffers : IKvStorage
{
    private readonly DecoderContract.PastInput[] _pasts;
    private readonly int[] _windows;
    private readonly int _capacity;
    private readonly string[] _presents;
    private readonly CacheMemory?[] _memory; // on a GPU none
    private readonly OrtValue?[] _tensors;

    public SharedKvBuffers(Decoder decoder, int capacityTokens)
    {
        (_pasts, _windows, _capacity) = (decoder.Contract.PastInputs, decoder.Windows, capacityTokens);
        _presents = decoder.Contract.PresentOutputs;
        _memory = decoder.Device == "cpu" ? new CacheMemory?[_pasts.Length] : [];
        _tensors = new OrtValue?[_pasts.Length];
        try
        {
            for (var i = 0; i < _pasts.Length; i++)
            {
                _tensors[i] = CreateTensor(decoder, i);
            }
        }
        catch
        {
            Dispose(); // memory is what may be short
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TakesAllMemory => _memory.Length == 0;

    /// <inheritdoc/>
    public void Bind(OrtIoBinding binding)
    {
        for (var i = 0; i < _pasts.Length; i++)
        {
            binding.BindInput(_pasts[i].Name, _tensors[i]);
            binding.BindOutput(_presents[i], _tensors[i]);
        }
    }

    /// <inheritdoc/>
    public void Rest()
    {
    }

    /// <inheritdoc/>
    public void Prepare(int heldTokens, int newTokens)
    {
    }

    /// <inheritdoc/>
    public void Take(int heldTokens, int newTokens)
    {
    }

    /// <inheritdoc/>
    public void Cut(int heldTokens, int tokens)
    {
    }

    /// <inheritdoc/>
    public void LeaveWindow(int first, int end)
    {
        foreach (var (index, past) in _pasts.Index())
        {
            for (var head = 0L; head < past.Shape[1] && _windows[index] != SlidingWindows.Unbounded; head++)
            {
                _memory[index]!.Release(((head * _capacity) + first) * past.Shape[3], (end - first) * past.Shape[3]);
            }
        }
    }

    /// <inheritdoc/>
    public void CopyTo(IKvStorage copy, int tokens, int left)
    {
        var other = (SharedKvBuffers)copy;
        if (TakesAllMemory)
        {
            throw new NotSupportedException("A KV cache on a GPU cannot be copied.");
        }

        foreach (var (index, past) in _pasts.Index())
        {
            var first = _windows[index] == SlidingWindows.Unbounded ? 0 : left;
            for (var head = 0L; head < past.Shape[1]; head++)
            {
                _memory[index]!.Copy(((head * _capacity) + first) * past.Shape[3], other._memory[index]!, ((head * other._capacity) + first) * past.Shape[3], (tokens - first) * past.Shape[3]);
            }
        }
    }

    /// <inheritdoc/>
    public int Read(int index, int tokens, out float[] values)
    {
        var (heads, width) = ((int)_pasts[index].Shape[1], (int)_pasts[index].Shape[3]);
        values = new float[heads * tokens * width];
        for (var head = 0; head < heads; head++)
        {
            _memory[index]!.ReadFloats((long)head * _capacity * width, values.AsSpan(head * tokens * width, tokens * width));
        }

        return heads;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_tensors, static tensor => tensor?.Dispose());
        Array.ForEach(_memory, static memory => memory?.Dispose());
    }

    private OrtValue CreateTensor(Decoder decoder, int index)
    {
        var (past, shape) = (_pasts[index], new[] { 1, _pasts[index].Shape[1], _capacity, _pasts[index].Shape[3] });
        return TakesAllMemory
            ? OrtValue.CreateAllocatedTensorValue(decoder.Allocator, past.Type, shape)
            : (_memory[index] = new CacheMemory(past.Type, past.Shape[1] * _capacity * past.Shape[3])).CreateTensor(shape);
    }
}
