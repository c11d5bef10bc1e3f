using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Onnx;


namespace RouterGateway.Inference.Tests.Support;

/// <summary>A decoder run on one sequence in the plainest way, its whole cache going out of one run and into the next: what the engine is compared with.</summary>
internal sealed class PlainDecoder : IDisposable
{
    private readonly OnnxSession _session;
    private readonly DecoderContract _contract;
    private OrtValue[] _past = [];
    private int _tokens;

    /// <summary>Opens a graph on the CPU.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="modelPath">The .onnx file that it was made from, beside which its external data lies.</param>
    /// <exception cref="InvalidDataException">It is not a decoder of token ids.</exception>
    /// <exception cref="OnnxRuntimeException">It is not a model.</exception>
    public PlainDecoder(byte[] model, string modelPath)
    {
        _session = OnnxSession.Open(model, modelPath, DevicePreference.Cpu, Environment.ProcessorCount, NullLogger.Instance);
        try
        {
            _contract = new DecoderContract(_session.Session);
            if (!_contract.TextInputs.Contains(DecoderContract.TokenIds))
            {
                throw new InvalidDataException("it takes no token ids");
            }
        }
        catch
        {
            _session.Dispose();
            throw;
        }

        Restart();
    }

    /// <summary>Forgets the sequence.</summary>
    public void Restart()
    {
        Free();
        _tokens = 0;
        _past = _contract.CreateEmptyPast();
    }

    /// <summary>Appends tokens and returns the logits of the last one, [vocabulary].</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed.</exception>
    public float[] Append(params ReadOnlySpan<int> tokens)
    {
        using var inputs = new RunInputs();
        var ids = Array.ConvertAll(tokens.ToArray(), static id => (long)id);
        foreach (var name in _contract.TextInputs)
        {
            inputs.Add(DecoderContract.CreateInput(name, _tokens, ids) ?? throw new InvalidDataException($"it needs an input \"{name}\", which token ids do not give"));
        }

        using var options = new RunOptions();
        var outputs = _session.Session.Run(options, _contract.InputNames, [.. inputs, .. _past], [DecoderContract.Logits, .. _contract.PresentOutputs]);
        using var logits = outputs[0];
        Free();
        _past = [.. outputs.Skip(1)];
        _tokens += tokens.Length;
        var values = Floats(logits);
        return values[^(int)logits.GetTensorTypeAndShape().Shape[^1]..];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        _session.Dispose();
    }

    private static float[] Floats(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16
        ? Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), static half => (float)BitConverter.UInt16BitsToHalf(half.value))
        : value.GetTensorDataAsSpan<float>().ToArray();

    private void Free() => Array.ForEach(_past, static value => value.Dispose());
}
