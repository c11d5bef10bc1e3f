using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Decoding;
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
    /// <param name="files">Its files.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="config">What its folder says.</param>
    /// <param name="text">Any text, the more like the prompts to come the better.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">It is no decoder that can be calibrated, or the text is empty.</exception>
    /// <exception cref="OnnxRuntimeException">It cannot be run.</exception>
    public static KvCalibration Calibrate(DecoderFiles files, BpeTokenizer tokenizer, DecoderConfig config, string text, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        var seen = 0;
        if (tokens.Count == 0)
        {
            throw new InvalidDataException("there is no text to calibrate it with");
        }

        using var decoder = Decoder.Open(OnnxGraph.Edit(files.Decoder, StaticKvScales.Remove), files);
        using var cache = new KvSequence(decoder, SequenceTokens);
        var absMax = new Dictionary<string, KvChannels>(StringComparer.Ordinal);
        foreach (var sequence in tokens.Take(MostTokens).Chunk(Math.Min(SequenceTokens, config.ContextTokens) - 1))
        {
            cache.RewindTo(0);
            int[] whole = config.BeginToken is { } begin ? [begin, .. sequence] : sequence;
            foreach (var chunk in whole.Chunk(ChunkTokens))
            {
                cancellationToken.ThrowIfCancellationRequested();
                cache.Append(chunk, cancellationToken);
            }

            for (var i = 0; i < cache.CacheNames.Count; i++)
            {
                Note(absMax, cache.CacheNames[i], cache.Tokens.Length, cache.Read(i));
            }

            seen += sequence.Length;
            progress?.Report((double)seen / Math.Min(MostTokens, tokens.Count));
        }

        return new KvCalibration(ModelFileHash.Compute(files.All()), seen, absMax);
    }

    private static void Note(Dictionary<string, KvChannels> absMax, string name, int tokens, (int Heads, float[] Values) held)
    {
        var (heads, width) = (held.Heads, held.Values.Length / held.Heads / tokens);
        if (!absMax.TryGetValue(name, out var channels))
        {
            absMax[name] = channels = new KvChannels(heads, new float[heads * width]);
        }

        for (var i = 0; i < held.Values.Length; i++)
        {
            var channel = (i / (tokens * width) * width) + (i % width);
            channels.Values[channel] = Math.Max(channels.Values[channel], Math.Abs(held.Values[i]));
        }
    }
}
