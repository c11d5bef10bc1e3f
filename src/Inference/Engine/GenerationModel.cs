using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntimeGenAI;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Engine;

/// <summary>A decoder loaded by ONNX Runtime GenAI with its tokenizer and chat template. Shared by all generators.</summary>
internal sealed partial class GenerationModel : IDisposable
{
    private const long SmallModelBytes = 64L << 20;

    private GenerationModel(string folder, DecoderConfig config, KvCacheLayout kvCache, BpeTokenizer tokenizer, (Model Model, string Device) loaded)
    {
        Config = config;
        KvCache = kvCache;
        Tokenizer = tokenizer;
        Native = loaded.Model;
        Device = loaded.Device;
        Template = new ChatTemplate(ChatTemplate.Read(folder), new Tokenizer(loaded.Model), tokenizer); // GenAI's tokenizer, for its template engine only
    }

    /// <summary>What the folder's configuration says.</summary>
    public DecoderConfig Config { get; }

    /// <summary>What the KV cache holds per token.</summary>
    public KvCacheLayout KvCache { get; }

    /// <summary>The model's tokenizer.</summary>
    public BpeTokenizer Tokenizer { get; }

    /// <summary>The model's chat template.</summary>
    public ChatTemplate Template { get; }

    /// <summary>Where it runs: "cuda" or "cpu".</summary>
    public string Device { get; }

    /// <summary>The native model; thread-safe, owned by this object.</summary>
    public Model Native { get; }

    /// <summary>Loads a model folder in the layout of ONNX Runtime GenAI.</summary>
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
        var graph = KvCacheGraph.Prepare(folder, config, tokenizer, kvCache, logger);
        ChatTemplate.Read(folder); // before the slow part
        NativeRuntime.EnsureEnvironment();
        (Model Model, string Device)? loaded = null;
        try
        {
            loaded = Open(folder, config, graph.Edited, device, logger);
            return new GenerationModel(folder, config, graph.Layout, tokenizer, loaded.Value);
        }
        catch (OnnxRuntimeGenAIException e)
        {
            loaded?.Model.Dispose();
            throw new ModelFolderException(
                folder, config.ModelFile, $"ONNX Runtime GenAI cannot load the folder ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): copy it again", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Template.Dispose();
        Native.Dispose();
    }

    private static (Model Model, string Device) Open(string folder, DecoderConfig config, byte[]? graph, DevicePreference device, ILogger logger)
    {
        var reason = "asked for";
        if (device != DevicePreference.Cpu)
        {
            reason = OnnxSession.WhyNoCudaDriver() ?? "";
            if (reason.Length == 0 && TryOpenCuda(folder, config, graph, out var model, out reason))
            {
                LogOpened(logger, folder, "cuda", "a CUDA device works");
                return (model!, "cuda");
            }

            if (device == DevicePreference.Cuda)
            {
                throw new DeviceUnavailableException($"CUDA was demanded for \"{folder}\" but is not available: {reason}");
            }
        }

        using var native = new Config(folder);
        native.ClearProviders();
        var opened = Open(native, config, graph, ChooseThreads(Path.Combine(folder, config.ModelFile)));
        LogOpened(logger, folder, "cpu", reason);
        return (opened, "cpu");
    }

    private static bool TryOpenCuda(string folder, DecoderConfig config, byte[]? graph, out Model? model, out string reason)
    {
        try
        {
            using var native = new Config(folder);
            native.ClearProviders();
            native.AppendProvider("cuda");
            model = Open(native, config, graph, threads: 1);
            reason = "";
            return true;
        }
        catch (OnnxRuntimeGenAIException e)
        {
            model = null;
            reason = e.Message.ReplaceLineEndings(" ");
            return false;
        }
    }

    private static Model Open(Config native, DecoderConfig config, byte[]? graph, int threads)
    {
        native.Overlay(Overlay(threads));
        if (graph is not null) // its external data is still looked for in the folder
        {
            native.AddModelData(config.ModelFile, graph);
        }

        return new Model(native);
    }

    // Shared buffers because rewinding fails without them on layers of unequal width, and some exporters switch them off.
    // The native log is off: failures come back as exceptions and are logged by us.
    private static string Overlay(int threads) =>
        $$"""{"search":{"past_present_share_buffer":true},"model":{"decoder":{"session_options":{"intra_op_num_threads":{{threads}},"inter_op_num_threads":1,"log_severity_level":4} } } }""";

    // Several sequences decode at once, so a small model is best off with one thread for each.
    private static int ChooseThreads(string modelPath)
    {
        var bytes = ModelFileHash.WithExternalData(modelPath).Sum(static file => new FileInfo(file).Length);
        return bytes <= SmallModelBytes ? 1 : Environment.ProcessorCount;
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "{Folder} generates on {Device}: {Reason}")]
    private static partial void LogOpened(ILogger logger, string folder, string device, string reason);
}
