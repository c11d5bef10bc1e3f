using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Scoring;

public sealed partial class LabelScorer
{
    private static readonly string[] _logits = [DecoderContract.Logits];

    /// <summary>Computes the KV cache of a prompt's beginning.</summary>
    /// <param name="tokens">One or more.</param>
    /// <exception cref="ArgumentException">There are no tokens, or too many.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed.</exception>
    public LabelPrefix Prefill(int[] tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        CheckLength(0, tokens.Length);
        using var inputs = new RunInputs();
        using var nothing = CreateEmptyPrefix();
        _decoder.AddText(inputs, 0, tokens);
        using var options = new RunOptions();
        using var binding = _decoder.Session.CreateIoBinding();
        foreach (var (name, input) in _decoder.Contract.InputNames.Zip([.. inputs, .. nothing.Past]))
        {
            binding.BindInput(name, input);
        }

        foreach (var name in _decoder.Contract.PresentOutputs)
        {
            binding.BindOutputToDevice(name, _decoder.Memory);
        }

        _decoder.Session.RunWithBinding(options, binding);
        return new LabelPrefix(this, [.. tokens], Keep([.. binding.GetOutputValues()]));
    }

    /// <summary>Runs the rest of a prompt over its beginning and reads how likely some tokens are to come next.</summary>
    /// <param name="prefix">Of this model; not changed.</param>
    /// <param name="tokens">What comes after the prefix, one or more.</param>
    /// <param name="labels">Token ids.</param>
    /// <param name="logits">Receives a logit for each label.</param>
    /// <exception cref="ArgumentException">A length is wrong, or the prefix is another model's.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime failed.</exception>
    public void Score(LabelPrefix prefix, ReadOnlySpan<int> tokens, ReadOnlySpan<int> labels, Span<float> logits)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Scorer != this)
        {
            throw new ArgumentException("The prefix is another model's.", nameof(prefix));
        }

        CheckLength(prefix.Tokens.Count, tokens.Length);
        using var inputs = new RunInputs();
        _decoder.AddText(inputs, prefix.Tokens.Count, tokens);
        using var options = new RunOptions();
        using var outputs = _decoder.Session.Run(options, _decoder.Contract.InputNames, [.. inputs, .. prefix.Past], _logits);
        ReadLast(outputs[0], labels, logits);
        GC.KeepAlive(prefix);
        GC.KeepAlive(this);
    }

    /// <summary>A prefix of no tokens.</summary>
    internal LabelPrefix CreateEmptyPrefix() => new(this, [], _decoder.Contract.CreateEmptyPast());

    // The float present is dropped when its quantised form is there.
    private OrtValue[] Keep(OrtValue[] presents)
    {
        if (_quantiser is null)
        {
            return presents;
        }

        var kept = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        var names = _decoder.Contract.PastInputs.Select(static past => past.TensorName).Distinct().ToArray();
        for (var i = 0; i < presents.Length; i++)
        {
            (kept[names[i] + QuantisedPast.ValuesSuffix], kept[names[i] + QuantisedPast.ScaleSuffix]) = _quantiser.Quantise(presents[i]);
            presents[i].Dispose();
        }

        return [.. _decoder.Contract.PastInputs.Select(past => kept[past.Name])];
    }

    private static void ReadLast(OrtValue output, ReadOnlySpan<int> labels, Span<float> logits)
    {
        var info = output.GetTensorTypeAndShape();
        var vocabulary = (int)info.Shape[^1];
        for (var i = 0; i < labels.Length; i++)
        {
            logits[i] = info.ElementDataType == TensorElementType.Float16
                ? (float)BitConverter.UInt16BitsToHalf(output.GetTensorDataAsSpan<Float16>()[^vocabulary..][labels[i]].value)
                : output.GetTensorDataAsSpan<float>()[^vocabulary..][labels[i]];
        }
    }

    private void CheckLength(int pastTokens, int tokens)
    {
        if (tokens < 1 || tokens > ContextTokens - pastTokens)
        {
            throw new ArgumentException($"{tokens} tokens after {pastTokens}: the model takes from 1 to {ContextTokens} in all.", nameof(tokens));
        }
    }
}
