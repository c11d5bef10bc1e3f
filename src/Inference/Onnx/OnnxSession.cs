using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Onnx;

/// <summary>An <see cref="InferenceSession"/> on the device that really works, and which one that is.</summary>
/// <remarks>Runs of the session are thread-safe. Never call its RunAsync: it corrupts the heap.</remarks>
internal sealed partial class OnnxSession : IDisposable
{
    private OnnxSession(InferenceSession session, string device)
    {
        Session = session;
        Device = device;
    }

    /// <summary>The native session; owned by this object.</summary>
    public InferenceSession Session { get; }

    /// <summary>"cuda" or "cpu".</summary>
    public string Device { get; }

    /// <summary>Opens a model on CUDA if that is asked for and works, else on the CPU, and logs the reason.</summary>
    /// <param name="modelPath">The .onnx file.</param>
    /// <param name="preference">Which device to try.</param>
    /// <param name="cpuThreads">Threads of one run on the CPU, 1 or more.</param>
    /// <param name="logger">Receives the device and the reason.</param>
    /// <exception cref="OnnxRuntimeException">The file is not a model.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static OnnxSession Open(string modelPath, DevicePreference preference, int cpuThreads, ILogger logger) =>
        Open(modelPath, options => new InferenceSession(modelPath, options), preference, cpuThreads, logger);

    /// <summary>Opens a graph that was edited, with its weights in the files where they were.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="modelPath">The .onnx file that it was made from; empty when all its weights are in it.</param>
    /// <param name="preference">Which device to try.</param>
    /// <param name="cpuThreads">Threads of one run on the CPU, 1 or more.</param>
    /// <param name="logger">Receives the device and the reason.</param>
    /// <exception cref="OnnxRuntimeException">It is not a model.</exception>
    /// <exception cref="DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    public static OnnxSession Open(byte[] model, string modelPath, DevicePreference preference, int cpuThreads, ILogger logger) =>
        Open(modelPath, options =>
        {
            if (modelPath.Length > 0)
            {
                options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", Path.GetDirectoryName(Path.GetFullPath(modelPath)));
            }

            return new InferenceSession(model, options);
        }, preference, cpuThreads, logger);

    private static OnnxSession Open(string modelPath, Func<SessionOptions, InferenceSession> open, DevicePreference preference, int cpuThreads, ILogger logger)
    {
        NativeRuntime.EnsureEnvironment();
        var why = "asked for";
        if (preference != DevicePreference.Cpu)
        {
            if (TryOpenCuda(open, out var session, out var reason))
            {
                LogOpened(logger, modelPath, "cuda", "a CUDA device works");
                return new OnnxSession(session!, "cuda");
            }

            if (preference == DevicePreference.Cuda)
            {
                throw new DeviceUnavailableException($"CUDA was demanded for \"{modelPath}\" but is not available: {reason}");
            }

            why = reason;
        }

        using var options = CreateOptions();
        options.IntraOpNumThreads = cpuThreads;
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        var opened = new OnnxSession(open(options), "cpu");
        LogOpened(logger, modelPath, "cpu", why);
        return opened;
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Tells why CUDA cannot be tried at all on this machine, or <see langword="null"/> if it can.</summary>
    internal static string? WhyNoCudaDriver() =>
        NativeLibrary.TryLoad("libcuda.so.1", out _) ? null : "no NVIDIA driver (libcuda.so.1)";

    /// <summary>Whether this machine has a driver of NVIDIA and this program its part for CUDA; whether a model runs is known only when one is opened.</summary>
    internal static bool IsCudaLikely() =>
        WhyNoCudaDriver() is null && Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime_providers_cuda.*", SearchOption.AllDirectories).Any();

    // CUDA can fail at each of these steps (missing library, missing device, memory), so all of them stand in one try.
    private static bool TryOpenCuda(Func<SessionOptions, InferenceSession> open, out InferenceSession? session, out string reason)
    {
        session = null;
        reason = WhyNoCudaDriver() ?? "";
        if (reason.Length > 0)
        {
            return false;
        }

        try
        {
            using var options = CreateOptions();
            using var cuda = new OrtCUDAProviderOptions();
            cuda.UpdateOptions(new Dictionary<string, string> { ["device_id"] = "0" });
            options.AppendExecutionProvider_CUDA(cuda);
            session = open(options);
            return true;
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            reason = e.Message.ReplaceLineEndings(" ");
            return false;
        }
    }

    private static SessionOptions CreateOptions() => new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        InterOpNumThreads = 1,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
    };

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "{ModelPath} runs on {Device}: {Reason}")]
    private static partial void LogOpened(ILogger logger, string modelPath, string device, string reason);
}
