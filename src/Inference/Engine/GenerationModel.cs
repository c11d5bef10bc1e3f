using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Engine;

/// <summary>A decoder with its tokenizer and chat template. Shared by all sequences.</summary>
internal sealed class GenerationModel : IDisposable
{
    private const int SpareTokens = 256;

    private GenerationModel(DecoderConfig config, KvCacheLayout kvCache, BpeTokenizer tokenizer, ChatTemplate template, Decoder decoder) =>
        (Config, KvCache, Tokenizer, Template, Decoder, Guidance, Thoughts) =
            (config, kvCache, tokenizer, template, decoder, new GuidanceVocabulary(tokenizer, config.EndTokens), ThoughtMarks.Find(tokenizer, config.EndTokens, decoder.Contract.Vocabulary));

    /// <summary>What the folder's configuration says.</summary>
    public DecoderConfig Config { get; }

    /// <summary>What the KV cache holds per token.</summary>
    public KvCacheLayout KvCache { get; }

    /// <summary>The model's tokenizer.</summary>
    public BpeTokenizer Tokenizer { get; }

    /// <summary>The model's chat template.</summary>
    public ChatTemplate Template { get; }

    /// <summary>The model; thread-safe, owned by this object.</summary>
    public Decoder Decoder { get; }

    /// <summary>The model's tokens, for answers of a certain form.</summary>
    public GuidanceVocabulary Guidance { get; }

    /// <summary>What stands around the model's thoughts; null when it has none.</summary>
    public ThoughtMarks? Thoughts { get; }

    /// <summary>Where it runs: "cuda" or "cpu".</summary>
    public string Device => Decoder.Device;

    /// <summary>Loads a model folder: in the layout of ONNX Runtime GenAI, or of the two graphs of transformers.js.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where to run it.</param>
    /// <param name="logger">Receives what is done.</param>
    /// <param name="kvCache">How the KV cache is to be stored; null = as the graph has it.</param>
    /// <exception cref="ModelFolderException">The folder lacks a file, or one is damaged or of another kind.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static GenerationModel Load(string folder, DevicePreference device, ILogger logger, KvCachePrecision? kvCache = null)
    {
        var config = DecoderConfig.Load(folder);
        var tokenizer = BpeTokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        var template = ChatTemplate.Read(folder); // before the slow part
        KvCacheLayout? layout = null;
        var decoder = Decoder.Load(
            folder,
            device,
            (files, isCuda) =>
            {
                if (isCuda && kvCache == KvCachePrecision.Int8PerTokenHead)
                {
                    throw new DeviceUnavailableException("A KV cache of int8-per-token-head is kept in the memory of the CPU: use int8 or none on CUDA.");
                }

                var graph = KvCacheGraph.Prepare(folder, files, config, tokenizer, kvCache, logger, isCuda);
                layout = graph.Layout;
                return graph.Edited;
            },
            logger);
        try
        {
            CheckVocabulary(folder, tokenizer, config, decoder.Contract.Vocabulary);
            layout = decoder.CanLeaveWindows ? layout! : layout!.WithoutWindows();
            layout = layout with { Copies = decoder.Storage == KvStorageKind.Growing ? 2 : 1 };
            return new GenerationModel(config, layout, tokenizer, new ChatTemplate(template, TemplateRenderer.Open(folder), tokenizer), decoder);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Template.Dispose();
        Guidance.Dispose();
        Decoder.Dispose();
    }

    // Graphs may have logits for ids that no token has, and tokenizers a few tokens (of pictures) that no logit has; other models' have
    // other sizes altogether, and would answer nonsense.
    private static void CheckVocabulary(string folder, BpeTokenizer tokenizer, DecoderConfig config, int logits)
    {
        var tokens = tokenizer.VocabularySize;
        if (tokens > logits + SpareTokens || tokens < logits / 2)
        {
            throw new ModelFolderException(folder, "tokenizer.json", $"has {tokens} tokens and the model {logits}: they are not of one model, copy both from one repository");
        }

        if (config.EndTokens.Count == 0 || config.EndTokens.All(token => token >= logits))
        {
            throw new ModelFolderException(folder, FolderConfig.GenAIFile, $"names no token of the model's {logits} that ends an answer: add \"model.eos_token_id\", or \"eos_token_id\" to generation_config.json");
        }
    }
}
