using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A decoder run step by step in plain ONNX Runtime: the yardstick for the engine.</summary>
internal sealed class RawDecoder : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _pastNames;
    private readonly string[] _outputNames;
    private OrtValue[] _past = [];
    private int _length;

    public RawDecoder(byte[] model)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(model, options);
        _pastNames = [.. _session.InputMetadata.Keys.Where(static name => name.StartsWith("past_key_values.", StringComparison.Ordinal))];
        _outputNames = ["logits", .. _pastNames.Select(static name => name.Replace("past_key_values.", "present."))];
        Reset();
    }

    /// <summary>Forgets the sequence.</summary>
    public void Reset()
    {
        DisposePast();
        _length = 0;
        _past = [.. _pastNames.Select(name =>
        {
            var input = _session.InputMetadata[name];
            return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType, [1, input.Dimensions[1], 0, input.Dimensions[3]]);
        })];
    }

    /// <summary>Appends tokens and returns the logits of the last one.</summary>
    public float[] Append(params int[] tokens)
    {
        _length += tokens.Length;
        using var ids = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(tokens, static id => (long)id), [1, tokens.Length]);
        using var mask = OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(1L, _length).ToArray(), [1, _length]);
        using var options = new RunOptions();
        var outputs = _session.Run(options, ["input_ids", "attention_mask", .. _pastNames], [ids, mask, .. _past], _outputNames);
        using var logits = outputs[0];
        DisposePast();
        _past = [.. outputs.Skip(1)];
        var values = logits.GetTensorDataAsSpan<float>();
        return values[^(int)logits.GetTensorTypeAndShape().Shape[^1]..].ToArray();
    }

    public static int ArgMax(float[] logits) => Array.IndexOf(logits, logits.Max());

    public void Dispose()
    {
        DisposePast();
        _session.Dispose();
    }

    private void DisposePast()
    {
        foreach (var value in _past)
        {
            value.Dispose();
        }
    }
}
