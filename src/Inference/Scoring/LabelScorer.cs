using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Scoring;

/// <summary>A Gemma 4 decoder that says how likely each of some tokens is to come next, over a prefix that all requests share. Thread-safe.</summary>
/// <remarks>
/// The folder is in the layout of ONNX Runtime GenAI (model.onnx), or of the two graphs of transformers.js (embed_tokens*.onnx and
/// decoder_model_merged*.onnx, also under onnx/), with tokenizer.json. Nothing is generated.
/// </remarks>
public sealed partial class LabelScorer : IDisposable
{
    private const long SmallModelBytes = 64L << 20;

    private readonly OnnxSession _decoder;
    private readonly OnnxSession? _embedding;
    private readonly DecoderContract _contract;
    private readonly PrefixQuantiser? _quantiser;
    private readonly OrtMemoryInfo _memory;

    private LabelScorer(ScorerFiles files, OnnxSession decoder, OnnxSession? embedding, PrefixPrecision precision, ScorerFrame frame, string tokenizer)
    {
        _contract = new DecoderContract(decoder.Session);
        (_decoder, _embedding, Frame, ContextTokens) = (decoder, embedding, frame, files.ContextTokens);
        Hash = ModelFileHash.Compute([.. ModelFileHash.WithExternalData(files.Decoder), .. files.Embedding is null ? [] : ModelFileHash.WithExternalData(files.Embedding), tokenizer]);
        CheckEmbedding();
        _memory = decoder.Device == "cuda"
            ? new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default)
            : OrtMemoryInfo.DefaultInstance;
        if (precision == PrefixPrecision.Quantised)
        {
            var device = decoder.Device == "cuda" ? DevicePreference.Cuda : DevicePreference.Cpu;
            _quantiser = new PrefixQuantiser((int)decoder.Session.OutputMetadata[_contract.PresentOutputs[0]].ElementDataType, files.Decoder, device, _memory);
        }
    }

    /// <summary>Where it runs: "cuda" or "cpu".</summary>
    public string Device => _decoder.Device;

    /// <summary>Names graphs, weights and tokenizer by their content: 64 hexadecimal digits.</summary>
    public string Hash { get; }

    /// <summary>Longest sequence, prefix and text together.</summary>
    public int ContextTokens { get; }

    /// <summary>The model's prompt format.</summary>
    public ScorerFrame Frame { get; }

    /// <summary>Loads a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where to run it.</param>
    /// <param name="logger">Receives the device and the reason for it.</param>
    /// <param name="precision">How prefixes are kept.</param>
    /// <exception cref="ModelFolderException">The folder lacks a file, or one is damaged or of another kind.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static LabelScorer Load(string folder, DevicePreference device, ILogger logger, PrefixPrecision precision = PrefixPrecision.Quantised)
    {
        if (device != DevicePreference.Auto)
        {
            return LoadOn(folder, device, logger, precision);
        }

        // all of it on one device, with the weights that are best there
        var reason = OnnxSession.WhyNoCudaDriver();
        if (reason is null)
        {
            try
            {
                return LoadOn(folder, DevicePreference.Cuda, logger, precision);
            }
            catch (DeviceUnavailableException e)
            {
                reason = e.Message;
            }
        }

        LogNoCuda(logger, folder, reason);
        return LoadOn(folder, DevicePreference.Cpu, logger, precision);
    }

    /// <summary>Frees the sessions; no run may be under way. Leaving it to the garbage collection is safe.</summary>
    public void Dispose()
    {
        _decoder.Dispose();
        _embedding?.Dispose();
        _quantiser?.Dispose();
    }

    /// <summary>The decoder's graph as it is run: without scales of its own, and with a quantised past if that is asked for.</summary>
    internal static byte[] Edit(string modelPath, PrefixPrecision precision) => OnnxGraph.Edit(modelPath, graph =>
    {
        StaticKvScales.Remove(graph);
        if (precision == PrefixPrecision.Quantised)
        {
            QuantisedPast.Apply(graph);
        }
    });

    private static LabelScorer LoadOn(string folder, DevicePreference device, ILogger logger, PrefixPrecision precision)
    {
        var files = ScorerFiles.Find(folder, device == DevicePreference.Cuda);
        var tokenizer = Path.Combine(folder, "tokenizer.json");
        var frame = ScorerFrame.Load(folder, BpeTokenizer.Load(tokenizer));
        OnnxSession? decoder = null;
        OnnxSession? embedding = null;
        try
        {
            decoder = OnnxSession.Open(Edit(files.Decoder, precision), files.Decoder, device, ChooseThreads(files.Decoder), logger);
            embedding = files.Embedding is null ? null : OnnxSession.Open(files.Embedding, device, 1, logger);
            return new LabelScorer(files, decoder, embedding, precision, frame, tokenizer);
        }
        catch (Exception e)
        {
            decoder?.Dispose();
            embedding?.Dispose();
            if (e is not (OnnxRuntimeException or InvalidDataException))
            {
                throw;
            }

            throw new ModelFolderException(
                folder, Path.GetRelativePath(folder, files.Decoder), $"is not a decoder that can score ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): name the folder of a Gemma 4 text model", e);
        }
    }

    private void CheckEmbedding()
    {
        if (_embedding is null != _contract.TextInputs.Contains(DecoderContract.TokenIds))
        {
            throw new InvalidDataException(_embedding is null ? "it takes embeddings, and there is no graph that makes them" : "it takes token ids, and there is a graph that embeds them as well");
        }

        var needed = _contract.TextInputs.Intersect([DecoderContract.Embeddings, DecoderContract.PerLayer]);
        if (needed.FirstOrDefault(name => _embedding?.Session.OutputMetadata.ContainsKey(name) != true) is { } missing)
        {
            throw new InvalidDataException(_embedding is null ? $"it takes \"{missing}\", and there is no graph that makes it" : $"the graph that embeds tokens has no output \"{missing}\"");
        }
    }

    // A second thread costs a small model more in hand-over than it saves; a large one cannot do without.
    private static int ChooseThreads(string modelPath)
    {
        var bytes = ModelFileHash.WithExternalData(modelPath).Sum(static file => new FileInfo(file).Length);
        return bytes <= SmallModelBytes ? 1 : Environment.ProcessorCount;
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Information, Message = "{Folder} runs on the CPU: {Reason}")]
    private static partial void LogNoCuda(ILogger logger, string folder, string reason);
}
