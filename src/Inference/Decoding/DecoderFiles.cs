using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Decoding;

/// <summary>The files of a decoder's folder, found by their roles.</summary>
/// <param name="Decoder">The decoder's graph.</param>
/// <param name="Embedding">The graph that embeds the tokens; null when the decoder does.</param>
/// <param name="ContextTokens">Longest sequence; <see cref="int.MaxValue"/> when no file says.</param>
internal sealed record DecoderFiles(string Decoder, string? Embedding, int ContextTokens)
{
    private const string DecoderStem = "decoder_model_merged";
    private const string EmbeddingStem = "embed_tokens";

    // What both names end in, best first: on a CPU float16 is slow, and on CUDA GroupQueryAttention needs it.
    private static readonly string[] _cpuKinds = ["_q4", "", "_q4f16", "_fp16"];
    private static readonly string[] _cudaKinds = ["_q4f16", "_fp16", "_q4", ""];

    /// <summary>The graphs and their external data.</summary>
    public IEnumerable<string> All() => [.. ModelFileHash.WithExternalData(Decoder), .. Embedding is null ? [] : ModelFileHash.WithExternalData(Embedding)];

    /// <summary>Finds the files, of several kinds the best for the device.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="isCuda">Whether they are to run on CUDA, rather than on the CPU.</param>
    /// <exception cref="ModelFolderException">The folder lacks one, or a configuration file is broken.</exception>
    public static DecoderFiles Find(string folder, bool isCuda)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model");
        }

        var config = new FolderConfig(folder);
        var (contextTokens, named) = (config.ContextTokens ?? int.MaxValue, config.DecoderFile ?? "model.onnx");
        if (File.Exists(Path.Combine(folder, named)))
        {
            return new DecoderFiles(Path.Combine(folder, named), null, contextTokens);
        }

        foreach (var place in new[] { folder, Path.Combine(folder, "onnx") })
        {
            foreach (var kind in isCuda ? _cudaKinds : _cpuKinds)
            {
                var (decoder, embedding) = (Path.Combine(place, $"{DecoderStem}{kind}.onnx"), Path.Combine(place, $"{EmbeddingStem}{kind}.onnx"));
                if (File.Exists(decoder) && File.Exists(embedding))
                {
                    return new DecoderFiles(decoder, embedding, contextTokens);
                }
            }
        }

        return Pair(folder, contextTokens);
    }

    // Of kinds that are not known, the only pair there is.
    private static DecoderFiles Pair(string folder, int contextTokens)
    {
        foreach (var place in new[] { folder, Path.Combine(folder, "onnx") }.Where(Directory.Exists))
        {
            if (Directory.GetFiles(place, DecoderStem + "*.onnx") is [var decoder] && Directory.GetFiles(place, EmbeddingStem + "*.onnx") is [var embedding])
            {
                return new DecoderFiles(decoder, embedding, contextTokens);
            }
        }

        throw new ModelFolderException(
            folder, null, $"holds neither model.onnx nor a pair {EmbeddingStem}*.onnx and {DecoderStem}*.onnx of one kind (_q4, _q4f16, ...): copy them from the model's repository");
    }
}
