using Microsoft.Extensions.Logging;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference;

/// <summary>What an inference server serves, and how much at once.</summary>
public sealed class InferenceServerOptions
{
    /// <summary>Most sequences that an engine may decode at once.</summary>
    public const int MostSequences = 1024;

    /// <summary>Most requests that may wait besides.</summary>
    public const int LargestQueue = 1 << 20;

    /// <summary>The longest that requests may wait for their turn.</summary>
    public static readonly TimeSpan LongestQueueTimeout = TimeSpan.FromDays(1);

    /// <summary>Folder of a model that generates, or of an embedding model. Required.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>Whether a folder that cannot chat is refused, rather than served as what it is. Default false.</summary>
    public bool ChatOnly { get; init; }

    /// <summary>Name under which clients ask for the model; <see langword="null"/> for the folder's name.</summary>
    public string? ServedModelName { get; init; }

    /// <summary>Further names that clients may use.</summary>
    public IReadOnlyList<string> ModelAliases { get; init; } = [];

    /// <summary>Address to listen on; port 0 takes a free one. Default "http://127.0.0.1:8081".</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8081";

    /// <summary>How the KV cache is stored: "int8", "int4", "int8-per-token-head", "none", or "auto" for what the folder has. Default "auto".</summary>
    /// <remarks>Where that differs from the graph, the graph is edited as it is loaded; for "int8" and "int4" it is calibrated first, once.
    /// "int8-per-token-head" is on the CPU only.</remarks>
    public string KvCache { get; init; } = "auto";

    /// <summary>Where to run the model. Default: CUDA if it works, else the CPU.</summary>
    public DevicePreference Device { get; init; } = DevicePreference.Auto;

    /// <summary>Sequences that decode, or runs of an embedding model, at once. Default 4.</summary>
    public int MaxSequences { get; init; } = 4;

    /// <summary>Requests that may wait besides; more are refused with 503. Default 64.</summary>
    public int MaxQueue { get; init; } = 64;

    /// <summary>How long a request may wait for its turn; after that it is refused with 503. Default 60 seconds.</summary>
    public TimeSpan QueueTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Bytes of KV cache for all sequences together; <see langword="null"/> for all at full length, within half of the memory.</summary>
    public long? KvPoolBytes { get; init; }

    /// <summary>Whether the server ends when its standard input does, that is, with the process that started it. Default false.</summary>
    public bool ExitWithParent { get; init; }

    /// <summary>Largest request body in bytes. Default 16 MiB.</summary>
    public long MaxRequestBytes { get; init; } = 16L << 20;

    /// <summary>Time that running requests get to end after a signal to stop. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Lowest level that is logged to standard error. Default Information.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The clock.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What ends with the parent process. Default standard input.</summary>
    internal Stream? Input { get; init; }

    /// <summary>Receives the line that tells the address. Default standard output.</summary>
    internal TextWriter? Output { get; init; }

    /// <summary>Receives the reason when the server cannot start. Default standard error.</summary>
    internal TextWriter? ErrorOutput { get; init; }

    /// <summary>The name under which the model is served.</summary>
    internal string EffectiveModelName =>
        ServedModelName ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(ModelFolder)));

    /// <summary>The wanted precision, if <see cref="KvCache"/> names one.</summary>
    internal KvCachePrecision? WantedPrecision => KvCache switch
    {
        "int8" => KvCachePrecision.Int8,
        "int4" => KvCachePrecision.Int4,
        "int8-per-token-head" => KvCachePrecision.Int8PerTokenHead,
        "none" => KvCachePrecision.None,
        _ => null,
    };

    /// <summary>Every fault of the options, each as a sentence; empty when there is none.</summary>
    internal IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        Check(!string.IsNullOrWhiteSpace(ModelFolder), "a model folder is needed");
        Check(ServedModelName is null || ServedModelName.Trim().Length > 0, "the served model name is empty");
        Check(KvCache == "auto" || WantedPrecision is not null, $"KV cache \"{KvCache}\" is not known: use auto, int8, int4, int8-per-token-head or none");
        Check(Enum.IsDefined(Device), $"device {Device} is not known: use auto, cuda or cpu");
        Check(MaxSequences is >= 1 and <= MostSequences, $"max sequences is {MaxSequences}: use 1 to {MostSequences}");
        Check(MaxQueue is >= 0 and <= LargestQueue, $"max queue is {MaxQueue}: use 0 to {LargestQueue}");
        Check(QueueTimeout > TimeSpan.Zero && QueueTimeout <= LongestQueueTimeout, $"queue time-out is {QueueTimeout}: use more than zero and at most a day");
        Check(KvPoolBytes is null or > 0, $"KV pool is {KvPoolBytes} bytes: use a positive number");
        Check(MaxRequestBytes > 0, $"max request size is {MaxRequestBytes} bytes: use a positive number");
        Check(DrainTimeout >= TimeSpan.Zero, "the drain time-out is negative");
        foreach (var url in Urls.Split(';'))
        {
            Check(
                Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttp && address.AbsolutePath == "/",
                $"URL \"{url}\" is not of the form http://host:port");
        }

        return faults;

        void Check(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}
