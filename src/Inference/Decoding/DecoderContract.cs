using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Decoding;

/// <summary>What a decoder takes and gives, read from its session and never from a configuration file.</summary>
internal sealed class DecoderContract
{
    public const string TokenIds = "input_ids";
    public const string Embeddings = "inputs_embeds";
    public const string PerLayer = "per_layer_inputs";
    public const string Mask = "attention_mask";
    public const string Positions = "position_ids";
    public const string LogitsToKeep = "num_logits_to_keep";
    public const string Logits = "logits";

    private static long[] _ones = [];

    private static readonly string[] _known = [TokenIds, Embeddings, PerLayer, Mask, Positions, LogitsToKeep];

    /// <exception cref="InvalidDataException">It is not a decoder that can score; the message says why.</exception>
    public DecoderContract(InferenceSession session)
    {
        TextInputs = [.. session.InputMetadata.Keys.Where(static name => !IsPast(name))];
        PastInputs = [.. session.InputMetadata.Where(static input => IsPast(input.Key)).Select(static input => new PastInput(input.Key, input.Value.ElementDataType, Array.ConvertAll(input.Value.Dimensions, static size => (long)size)))];
        PerLayerShape = session.InputMetadata.TryGetValue(PerLayer, out var perLayer) ? perLayer.Dimensions : [];
        InputNames = [.. TextInputs, .. PastInputs.Select(static past => past.Name)];
        PresentOutputs = [.. PastInputs.Select(static past => past.TensorName).Distinct().Select(PresentOf)];
        if (TextInputs.FirstOrDefault(static name => !_known.Contains(name)) is { } unknown)
        {
            throw new InvalidDataException($"it needs an input \"{unknown}\" that a text decoder does not have");
        }

        if (TextInputs.FirstOrDefault(name => name is TokenIds or Mask or Positions or LogitsToKeep && session.InputMetadata[name].ElementDataType != TensorElementType.Int64) is { } odd)
        {
            throw new InvalidDataException($"it has an input \"{odd}\" that is not int64");
        }

        if (!session.OutputMetadata.TryGetValue(Logits, out var logits) || logits.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16))
        {
            throw new InvalidDataException($"it has no output \"{Logits}\" of float32 or float16");
        }

        LogitType = logits.ElementDataType;
        Vocabulary = logits.Dimensions is [_, _, > 0 and var size] ? size : throw new InvalidDataException($"its output \"{Logits}\" is not [batch, tokens, vocabulary] of a fixed vocabulary");
        GivesAllLogits = logits.Dimensions is not [_, 1, _] && !TextInputs.Contains(LogitsToKeep);
        if (PastInputs.FirstOrDefault(static past => past.Shape is not [_, > 0, _, > 0]) is { } open)
        {
            throw new InvalidDataException($"it has an input \"{open.Name}\" without fixed heads and width");
        }

        if (PresentOutputs.FirstOrDefault(name => !session.OutputMetadata.ContainsKey(name)) is { } missing)
        {
            throw new InvalidDataException($"it has no output \"{missing}\"");
        }
    }

    /// <summary>Inputs that are made for each text.</summary>
    public string[] TextInputs { get; }

    /// <summary>Inputs of the KV cache.</summary>
    public PastInput[] PastInputs { get; }

    /// <summary>All inputs: those of the text, then those of the KV cache.</summary>
    public string[] InputNames { get; }

    /// <summary>The KV cache after a run: one for each tensor of the cache, in the order of <see cref="PastInputs"/>.</summary>
    public string[] PresentOutputs { get; }

    /// <summary>[1, tokens, layers, width] or [1, tokens, layers * width], open sizes -1; empty when there is no such input.</summary>
    public int[] PerLayerShape { get; }

    /// <summary>Element type of the logits: float32 or float16.</summary>
    public TensorElementType LogitType { get; }

    /// <summary>Number of logits of a token.</summary>
    public int Vocabulary { get; }

    /// <summary>Whether it gives logits for every token, rather than for the last one.</summary>
    public bool GivesAllLogits { get; }

    /// <summary>Makes an input of token ids, of their place in the sequence, or of how many logits are wanted: one.</summary>
    /// <param name="name">One of <see cref="TextInputs"/>.</param>
    /// <param name="pastTokens">Tokens that stand before.</param>
    /// <param name="ids">The tokens.</param>
    /// <returns>Null for an input that another graph computes from the tokens.</returns>
    public static OrtValue? CreateInput(string name, int pastTokens, long[] ids) => name switch
    {
        TokenIds => Row(ids),
        Mask => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Ones(pastTokens + ids.Length), [1, pastTokens + ids.Length]),
        Positions => Row([.. Enumerable.Range(pastTokens, ids.Length).Select(static position => (long)position)]),
        LogitsToKeep => OrtValue.CreateTensorValueFromMemory([1L], []),
        _ => null,
    };

    /// <summary>A row of a batch of one, [1, values].</summary>
    public static OrtValue Row(long[] values) => OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);

    /// <summary>The KV cache of no tokens, in the order of <see cref="PastInputs"/>; the caller owns it.</summary>
    public OrtValue[] CreateEmptyPast() =>
        Array.ConvertAll(PastInputs, static past => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, past.Type, [1, past.Shape[1], 0, past.Shape[3]]));

    /// <summary>Whether an input of a graph is a past of the KV cache.</summary>
    public static bool IsPast(string name) => name.StartsWith("past", StringComparison.Ordinal);

    /// <summary>The name under which the graph gives a past out again.</summary>
    public static string PresentOf(string past) =>
        past.StartsWith("past_key_values", StringComparison.Ordinal) ? "present" + past["past_key_values".Length..] : "present" + past["past".Length..];

    // The mask of every run of every sequence is the beginning of one array.
    private static Memory<long> Ones(int count)
    {
        var ones = Volatile.Read(ref _ones);
        if (ones.Length < count)
        {
            ones = new long[Math.Max(count, 2 * ones.Length)];
            Array.Fill(ones, 1);
            Volatile.Write(ref _ones, ones);
        }

        return ones.AsMemory(0, count);
    }

    /// <summary>An input of the KV cache.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Type">Its element type.</param>
    /// <param name="Shape">[1, heads, tokens, width].</param>
    internal sealed record PastInput(string Name, TensorElementType Type, long[] Shape)
    {
        /// <summary>The name of the tensor that it is, or is a half of.</summary>
        public string TensorName =>
            Name.EndsWith(QuantisedPast.ValuesSuffix, StringComparison.Ordinal) ? Name[..^QuantisedPast.ValuesSuffix.Length]
            : Name.EndsWith(QuantisedPast.ScaleSuffix, StringComparison.Ordinal) ? Name[..^QuantisedPast.ScaleSuffix.Length] : Name;
    }
}
