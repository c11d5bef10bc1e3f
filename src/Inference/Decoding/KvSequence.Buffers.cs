using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouterGateway.Inference.Decoding;

internal sealed partial class KvSequence
{
    /// <summary>Whether sequences of a decoder can be rewound.</summary>
    public static bool CanRewind(Decoder decoder) => decoder.CanShareBuffers || decoder.Device == "cpu";

    /// <summary>Whether sequences of a decoder can be copied.</summary>
    public static bool CanCopy(Decoder decoder) => decoder.CanShareBuffers && decoder.Device == "cpu";

    /// <summary>Makes a sequence of the first tokens of this one, at the price of copying their keys and values.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="capacityTokens">Most tokens that the copy will hold.</param>
    /// <returns>The copy; the caller owns it.</returns>
    public KvSequence CopyPrefix(int tokens, int capacityTokens)
    {
        var copy = new KvSequence(_decoder, capacityTokens);
        foreach (var (index, past) in _decoder.Contract.PastInputs.Index())
        {
            var rowBytes = past.Shape[3] * ElementBytes(past.Type);
            for (var head = 0L; head < past.Shape[1]; head++)
            {
                unsafe
                {
                    NativeMemory.Copy(
                        (void*)(_memory[index] + (nint)(head * CapacityTokens * rowBytes)),
                        (void*)(copy._memory[index] + (nint)(head * capacityTokens * rowBytes)),
                        (nuint)(tokens * rowBytes));
                }
            }
        }

        copy._tokens.AddRange(Tokens[..tokens]);
        copy.HeldTokens = tokens;
        return copy;
    }

    /// <summary>Copies a tensor of the KV cache, which must lie in the memory of the CPU and not be quantised.</summary>
    /// <param name="index">Of <see cref="CacheNames"/>.</param>
    /// <returns>Its shape [1, heads, tokens, width], and its values.</returns>
    public (long[] Shape, float[] Values) Read(int index)
    {
        var shape = _past[index].GetTensorTypeAndShape().Shape;
        var (rows, width) = ((int)shape[2], (int)shape[3]);
        var values = new float[shape[1] * _tokens.Count * width];
        for (var head = 0; head < shape[1]; head++)
        {
            ReadFloats(_past[index], head * rows * width, values.AsSpan(head * _tokens.Count * width, _tokens.Count * width));
        }

        return ([1, shape[1], _tokens.Count, width], values);
    }

    private static void ReadFloats(OrtValue value, int start, Span<float> values)
    {
        if (value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<Float16, Half>(value.GetTensorDataAsSpan<Float16>().Slice(start, values.Length)), values);
            return;
        }

        value.GetTensorDataAsSpan<float>().Slice(start, values.Length).CopyTo(values);
    }

    private static int ElementBytes(TensorElementType type) => type switch
    {
        TensorElementType.Float => 4,
        TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        _ => 1,
    };

    private OrtValue[] CreateBuffers()
    {
        var pasts = _decoder.Contract.PastInputs;
        if (_decoder.Device != "cpu")
        {
            using var allocator = new OrtAllocator(_decoder.Session, _decoder.Memory);
            return Array.ConvertAll(pasts, past => OrtValue.CreateAllocatedTensorValue(allocator, past.Type, [1, past.Shape[1], CapacityTokens, past.Shape[3]]));
        }

        // Zeroed memory of the operating system costs nothing until it is written to, so capacity that is not used is free.
        var values = new OrtValue[pasts.Length];
        for (var i = 0; i < pasts.Length; i++)
        {
            var bytes = pasts[i].Shape[1] * CapacityTokens * pasts[i].Shape[3] * ElementBytes(pasts[i].Type);
            unsafe
            {
                _memory[i] = (nint)NativeMemory.AllocZeroed((nuint)bytes);
            }

            values[i] = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, pasts[i].Type, [1, pasts[i].Shape[1], CapacityTokens, pasts[i].Shape[3]], _memory[i], bytes);
        }

        return values;
    }

    private void FreeBuffers()
    {
        foreach (var memory in _memory)
        {
            unsafe
            {
                NativeMemory.Free((void*)memory);
            }
        }
    }

    private void BindCache()
    {
        foreach (var (index, past) in _decoder.Contract.PastInputs.Index())
        {
            _binding.BindInput(past.Name, _past[index]);
            if (_decoder.CanShareBuffers)
            {
                _binding.BindOutput(_decoder.Contract.PresentOutputs[index], _past[index]);
            }
            else
            {
                _binding.BindOutputToDevice(_decoder.Contract.PresentOutputs[index], _decoder.Memory);
            }
        }
    }

    // Of a graph whose past is no buffer: what a run gave out is the past of the next.
    private void TakeCache()
    {
        foreach (var (name, value) in _binding.GetOutputNames().Zip(_binding.GetOutputValues()))
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

        BindCache();
    }

    private void Crop(int tokens)
    {
        if (_decoder.Device != "cpu")
        {
            throw new NotSupportedException("A KV cache on a GPU that is no buffer cannot be rewound.");
        }

        foreach (var (index, past) in _decoder.Contract.PastInputs.Index())
        {
            var cropped = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.Type, [1, past.Shape[1], tokens, past.Shape[3]]);
            var rowBytes = (int)past.Shape[3] * ElementBytes(past.Type);
            for (var head = 0; head < past.Shape[1] && tokens > 0; head++)
            {
                _past[index].GetTensorMutableRawData().Slice(head * _tokens.Count * rowBytes, tokens * rowBytes).CopyTo(cropped.GetTensorMutableRawData()[(head * tokens * rowBytes)..]);
            }

            Replace(index, cropped);
        }

        BindCache();
    }

    private void Replace(int index, OrtValue value)
    {
        _past[index].Dispose();
        _past[index] = value;
    }
}
