using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Onnx;

/// <summary>Prepares the native libraries of ONNX Runtime: telemetry off, one quiet environment.</summary>
public static partial class NativeRuntime
{
    private const string TelemetrySwitch = "ORT_DISABLE_TELEMETRY";
    private static readonly Lock _environmentLock = new();

    /// <summary>Whether native code of this process sees the switch that turns its telemetry off.</summary>
    public static bool IsTelemetryDisabled =>
        OperatingSystem.IsWindows()
            ? Environment.GetEnvironmentVariable(TelemetrySwitch) == "1"
            : Marshal.PtrToStringUTF8(GetNativeVariable(TelemetrySwitch)) == "1";

    /// <summary>Switches native telemetry off, before anything in this assembly can load a native library.</summary>
    // Both natives (1.29, GenAI 0.15) send telemetry on Linux by default, and .NET on Linux does not write the native
    // environment in Environment.SetEnvironmentVariable: libc itself has to be called.
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Must run before the first native call, whoever makes it")]
    internal static void DisableTelemetry()
    {
        Environment.SetEnvironmentVariable(TelemetrySwitch, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetNativeVariable(TelemetrySwitch, "1", 1);
        }
    }

    /// <summary>Creates the process-wide ONNX Runtime environment with warnings off, if none exists yet.</summary>
    internal static void EnsureEnvironment()
    {
        lock (_environmentLock)
        {
            if (OrtEnv.IsCreated)
            {
                return;
            }

            var options = new EnvironmentCreationOptions
            {
                logId = "RouterGateway",
                logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, // failures reach us as exceptions, and are logged there
            };
            OrtEnv.CreateInstanceWithOptions(ref options);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetNativeVariable(string name);
}
