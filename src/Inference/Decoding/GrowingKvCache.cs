using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Decoding;

/// <summary>What a run gives out is the past of the next: for a graph that takes all of its past for past.</summary>
internal sealed class GrowingKvCache : IKvStorage
{
    private readonly Decoder _decoder;
    private OrtIoBinding? _binding;
    private readonly DecoderContract.PastInput[] _pasts;
    private readonly OrtValue[] _tensors;

    public GrowingKvCache(Decoder decoder)
    {
        (_decoder, _pasts) = (decoder, decoder.Contract.PastInputs);
        _tensors = decoder.Contract.CreateEmptyPast();
    }

    /// <inheritdoc/>
    public bool TakesAllMemory => false;

    /// <inheritdoc/>
    public void Bind(OrtIoBinding binding)
    {
        _binding = binding;
        for (var i = 0; i < _pasts.Length; i++)
        {
            binding.BindInput(_pasts[i].Name, _tensors[i]);
            binding.BindOutputToDevice(_decoder.Contract.PresentOutputs[i], _decoder.Memory);
        }
    }

    /// <inheritdoc/>
    public void Rest() => _binding = null;

    /// <inheritdoc/>
    public void Prepare(int heldTokens, int newTokens)
    {
    }

    /// <inheritdoc/>
    public void Take(int heldTokens, int newTokens)
    {
        foreach (var (name, value) in _binding!.GetOutputNames().Zip(_binding.GetOutputValues()))
        {
            if (name == DecoderContract.Logits)
            {
                value.Dispose(); // a second handle of the tensor that was bound
            }
            else
            {
                Replace(Array.IndexOf(_decoder.Contract.PresentOutputs, name), value);
            }
        }

        Bind(_binding);
    }

    /// <inheritdoc/>
    public void Cut(int heldTokens, int tokens)
    {
        if (_decoder.Device != "cpu")
        {
            throw new NotSupportedException("A KV cache on a GPU that is no buffer cannot be rewound.");
        }

        foreach (var (index, past) in _pasts.Index())
        {
            var cut = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.Type, [1, past.Shape[1], tokens, past.Shape[3]]);
            var rowBytes = (int)past.Shape[3] * CacheMemory.SizeOf(past.Type);
            for (var head = 0; head < past.Shape[1] && tokens > 0; head++)
            {
                _tensors[index].GetTensorMutableRawData().Slice(head * heldTokens * rowBytes, tokens * rowBytes).CopyTo(cut.GetTensorMutableRawData()[(head * tokens * rowBytes)..]);
            }

            Replace(index, cut);
        }

        if (_binding is not null)
        {
            Bind(_binding);
        }
    }

    /// <inheritdoc/>
    public void LeaveWindow(int first, int end)
    {
    }

    /// <inheritdoc/>
    public void CopyTo(IKvStorage copy, int tokens, int left) => throw new NotSupportedException("A KV cache that is no buffer cannot be copied.");

    /// <inheritdoc/>
    public int Read(int index, int tokens, out float[] values)
    {
        var tensor = _tensors[index];
        if (tensor.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16)
        {
            var halves = MemoryMarshal.Cast<Float16, Half>(tensor.GetTensorDataAsSpan<Float16>());
            TensorPrimitives.ConvertToSingle(halves, values = new float[halves.Length]);
        }
        else
        {
            values = tensor.GetTensorDataAsSpan<float>().ToArray();
        }

        return (int)_pasts[index].Shape[1];
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_tensors, static tensor => tensor.Dispose());

    private void Replace(int index, OrtValue value)
    {
        _tensors[index].Dispose();
        _tensors[index] = value;
    }
}
