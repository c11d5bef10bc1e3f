using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.KvCache;

/// <summary>Runs a model over a text with a plain KV cache and notes what the channels of the cache hold at most.</summary>
internal static class KvCalibrator
{
    /// <summary>Most tokens that are read.</summary>
    public const int MostTokens = 2_048;

    private const int SequenceTokens = 512;
    private const int ChunkTokens = 128;

    /// <summary>Calibrates a model.</summary>
    /// <param name="modelPath">The .onnx file of its decoder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="config">What its folder says.</param>
    /// <param name="text">Any text, the more like the prompts to come the better.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">It is no decoder that can be calibrated, or the text is empty.</exception>
    /// <exception cref="OnnxRuntimeException">It cannot be run.</exception>
    public static KvCalibration Calibrate(string modelPath, BpeTokenizer tokenizer, DecoderConfig config, string text, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        var seen = 0;
        if (tokens.Count == 0)
        {
            throw new InvalidDataException("there is no text to calibrate it with");
        }

        using var decoder = new KvDecoder(OnnxGraph.Edit(modelPath, StaticKvScales.Remove), modelPath);
        var absMax = new Dictionary<string, KvChannels>(StringComparer.Ordinal);
        foreach (var sequence in tokens.Take(MostTokens).Chunk(Math.Min(SequenceTokens, config.ContextTokens) - 1))
        {
            decoder.Restart();
            int[] whole = config.BeginToken is { } begin ? [begin, .. sequence] : sequence;
            foreach (var chunk in whole.Chunk(ChunkTokens))
            {
                cancellationToken.ThrowIfCancellationRequested();
                decoder.Append(chunk);
            }

            for (var i = 0; i < decoder.Presents.Count; i++)
            {
                Note(absMax, decoder.Presents[i], decoder.Read(i));
            }

            seen += sequence.Length;
            progress?.Report((double)seen / Math.Min(MostTokens, tokens.Count));
        }

        return new KvCalibration(ModelFileHash.Compute(ModelFileHash.WithExternalData(modelPath)), seen, absMax);
    }

    private static void Note(Dictionary<string, KvChannels> absMax, string name, (long[] Shape, float[] Values) cache)
    {
        var (heads, tokens, width) = ((int)cache.Shape[1], (int)cache.Shape[2], (int)cache.Shape[3]);
        if (!absMax.TryGetValue(name, out var channels))
        {
            absMax[name] = channels = new KvChannels(heads, new float[heads * width]);
        }

        for (var i = 0; i < cache.Values.Length; i++)
        {
            var channel = (i / (tokens * width) * width) + (i % width);
            channels.Values[channel] = Math.Max(channels.Values[channel], Math.Abs(cache.Values[i]));
        }
    }
}
