using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Decoding;
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
    private readonly Decoder _decoder;
    private readonly PrefixQuantiser? _quantiser;

    private LabelScorer(Decoder decoder, PrefixPrecision precision, ScorerFrame frame, string tokenizer)
    {
        var files = decoder.Files;
        (_decoder, Frame, ContextTokens) = (decoder, frame, files.ContextTokens);
        Hash = ModelFileHash.Compute([.. files.All(), tokenizer]);
        if (precision == PrefixPrecision.Quantised)
        {
            var device = decoder.Device == "cuda" ? DevicePreference.Cuda : DevicePreference.Cpu;
            _quantiser = new PrefixQuantiser((int)decoder.Session.OutputMetadata[decoder.Contract.PresentOutputs[0]].ElementDataType, files.Decoder, device, decoder.Memory);
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
        var tokenizer = Path.Combine(folder, "tokenizer.json");
        DecoderFiles.Find(folder, isCuda: false); // a folder of another kind is told first
        var frame = ScorerFrame.Load(folder, BpeTokenizer.Load(tokenizer));
        var decoder = Decoder.Load(folder, device, (files, _) => Edit(files.Decoder, precision, logger), logger);
        try
        {
            return new LabelScorer(decoder, precision, frame, tokenizer);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }
    }

    /// <summary>Frees the sessions; no run may be under way. Leaving it to the garbage collection is safe.</summary>
    public void Dispose()
    {
        _decoder.Dispose();
        _quantiser?.Dispose();
    }

    /// <summary>The decoder's graph as it is run: without scales of its own, and with a quantised past if that is asked for.</summary>
    internal static byte[] Edit(string modelPath, PrefixPrecision precision, ILogger logger) => OnnxGraph.Edit(modelPath, graph =>
    {
        StaticKvScales.Remove(graph);
        if (precision == PrefixPrecision.Quantised)
        {
            OutlierFold.Apply(graph, modelPath, logger);
            QuantisedPast.Apply(graph);
        }
    });
}
