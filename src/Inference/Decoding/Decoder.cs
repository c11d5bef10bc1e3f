using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Decoding;

/// <summary>A decoder in plain ONNX Runtime: one graph that takes token ids, or one that takes what a second graph makes of them. Thread-safe.</summary>
internal sealed partial class Decoder : IDisposable
{
    private const long SmallModelBytes = 64L << 20;

    private readonly OnnxSession _session;
    private readonly OnnxSession? _embedding;

    private Decoder(DecoderFiles files, OnnxSession session, OnnxSession? embedding, ProtoMessage graph)
    {
        (Files, _session, _embedding) = (files, session, embedding);
        Contract = new DecoderContract(session.Session);
        Storage = Contract.PastInputs.Any(static past => past.Name != past.TensorName) ? KvStorageKind.QuantisedRows
            : AttentionOnly(graph) ? KvStorageKind.SharedBuffers : KvStorageKind.Growing;
        var windows = SlidingWindows.Read(graph);
        Windows = Array.ConvertAll(Contract.PastInputs, past => windows.GetValueOrDefault(past.Name, SlidingWindows.Unbounded));
        CheckEmbedding();
        if (session.Device == "cuda")
        {
            Memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
            Allocator = new OrtAllocator(session.Session, Memory);
        }
    }

    /// <summary>Where it was read from.</summary>
    public DecoderFiles Files { get; }

    /// <summary>What its graph takes and gives.</summary>
    public DecoderContract Contract { get; }

    /// <summary>The session of the graph with the KV cache; owned by this object.</summary>
    public InferenceSession Session => _session.Session;

    /// <summary>Where it runs: "cuda" or "cpu".</summary>
    public string Device => _session.Device;

    /// <summary>Where its KV cache lies.</summary>
    public OrtMemoryInfo Memory { get; } = OrtMemoryInfo.DefaultInstance;

    /// <summary>What its KV cache is allocated by, and freed by after it; owned by this object.</summary>
    public OrtAllocator Allocator { get; } = OrtAllocator.DefaultInstance;

    /// <summary>How sequences hold their KV cache.</summary>
    public KvStorageKind Storage { get; }

    /// <summary>How far back attention looks, for each of <see cref="DecoderContract.PastInputs"/>.</summary>
    public int[] Windows { get; }

    /// <summary>Whether sequences can let go of what no window reaches.</summary>
    public bool CanLeaveWindows => Storage == KvStorageKind.SharedBuffers && Device == "cpu" && CacheMemory.CanRelease && Array.Exists(Windows, static window => window != SlidingWindows.Unbounded);

    /// <summary>Opens the decoder of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where to run it. Auto: all of it on CUDA with the weights that are best there, else all of it on the CPU.</param>
    /// <param name="graphOf">Makes of the decoder's file the graph that is run, null for the file as it is; told whether that is on CUDA.</param>
    /// <param name="logger">Receives the device and the reason for it.</param>
    /// <exception cref="ModelFolderException">The folder lacks a file, or one is damaged or of another kind.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static Decoder Load(string folder, DevicePreference device, Func<DecoderFiles, bool, byte[]?> graphOf, ILogger logger)
    {
        if (device != DevicePreference.Auto)
        {
            return LoadOn(folder, device, graphOf, logger);
        }

        var reason = OnnxSession.WhyNoCudaDriver();
        if (reason is null)
        {
            try
            {
                return LoadOn(folder, DevicePreference.Cuda, graphOf, logger);
            }
            catch (DeviceUnavailableException e)
            {
                reason = e.Message;
            }
        }

        LogNoCuda(logger, folder, reason);
        return LoadOn(folder, DevicePreference.Cpu, graphOf, logger);
    }

    /// <summary>Opens a graph on the CPU.</summary>
    /// <param name="graph">The graph; null = the file as it is.</param>
    /// <param name="files">What it was made from, beside which its external data lies.</param>
    /// <exception cref="InvalidDataException">It is not a decoder.</exception>
    /// <exception cref="OnnxRuntimeException">It is not a model.</exception>
    public static Decoder Open(byte[]? graph, DecoderFiles files) => Open(files, graph, DevicePreference.Cpu, Environment.ProcessorCount, NullLogger.Instance);

    /// <summary>Frees the sessions; no run may be under way.</summary>
    public void Dispose()
    {
        if (Device != "cpu")
        {
            Allocator.Dispose();
        }

        _session.Dispose();
        _embedding?.Dispose();
    }

    private static Decoder LoadOn(string folder, DevicePreference device, Func<DecoderFiles, bool, byte[]?> graphOf, ILogger logger)
    {
        var files = DecoderFiles.Find(folder, device == DevicePreference.Cuda);
        try
        {
            var decoder = Open(files, graphOf(files, device == DevicePreference.Cuda), device, ChooseThreads(files.Decoder), logger);
            TryOut(decoder, device);
            return decoder;
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException)
        {
            throw new ModelFolderException(
                folder,
                Path.GetRelativePath(folder, files.Decoder),
                $"is not a decoder that can be run ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}): name the folder of a text model exported with a KV cache, or copy it again",
                e);
        }
    }

    private static Decoder Open(DecoderFiles files, byte[]? graph, DevicePreference device, int threads, ILogger logger)
    {
        OnnxSession? session = null;
        OnnxSession? embedding = null;
        try
        {
            session = graph is null ? OnnxSession.Open(files.Decoder, device, threads, logger) : OnnxSession.Open(graph, files.Decoder, device, threads, logger);
            embedding = files.Embedding is null ? null : OnnxSession.Open(files.Embedding, device, 1, logger);
            using var file = graph is null ? new MappedFile(files.Decoder) : null;
            var parsed = ProtoMessage.Parse(file?.Memory ?? graph).Last(OnnxProto.ModelGraph)?.Message ?? throw new InvalidDataException("it holds no graph");
            return new Decoder(files, session, embedding, parsed);
        }
        catch
        {
            session?.Dispose();
            embedding?.Dispose();
            throw;
        }
    }

    // A kernel that lacks what a graph asks of it says so only when it runs: on CUDA the types and head sizes of GroupQueryAttention.
    private static void TryOut(Decoder decoder, DevicePreference device)
    {
        if (device != DevicePreference.Cuda || decoder.Storage == KvStorageKind.QuantisedRows)
        {
            return;
        }

        try
        {
            using var sequence = new KvSequence(decoder, 4);
            sequence.Append([0, 0]);
            sequence.Append([0]);
        }
        catch (OnnxRuntimeException e)
        {
            decoder.Dispose();
            throw new DeviceUnavailableException($"CUDA cannot run \"{decoder.Files.Decoder}\": {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    // GroupQueryAttention knows from other inputs how much of a buffer is past. Any other operator takes all of it for that.
    private static bool AttentionOnly(ProtoMessage graph)
    {
        var nodes = graph.All(OnnxProto.GraphNode).Select(static field => field.Message);
        return nodes.All(static node => node.Text(OnnxProto.NodeOperator) switch
        {
            "GroupQueryAttention" => true,
            "If" or "Loop" or "Scan" => false, // their graphs may read it too
            _ => !node.All(OnnxProto.NodeInput).Any(static input => DecoderContract.IsPast(input.Text)),
        });
    }

    private void CheckEmbedding()
    {
        if (_embedding is null != Contract.TextInputs.Contains(DecoderContract.TokenIds))
        {
            throw new InvalidDataException(_embedding is null ? "it takes embeddings, and there is no graph that makes them" : "it takes token ids, and there is a graph that embeds them as well");
        }

        var needed = Contract.TextInputs.Intersect([DecoderContract.Embeddings, DecoderContract.PerLayer]);
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
