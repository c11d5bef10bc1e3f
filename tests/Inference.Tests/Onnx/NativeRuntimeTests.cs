using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Onnx;

public sealed class NativeRuntimeTests
{
    [Fact]
    public void ModuleInitializer_BeforeTheFirstNativeCall_SwitchesTelemetryOff()
    {
        Assert.True(NativeRuntime.IsTelemetryDisabled);
    }

    [Fact]
    public async Task Load_BothRuntimes_OpenNoTelemetryFile()
    {
        await using var server = await TestServer.StartAsync();
        using var model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Auto, NullLogger.Instance);

        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("reads /proc");
        }

        var open = Directory.EnumerateFiles("/proc/self/fd")
            .Select(static link => new FileInfo(link).LinkTarget ?? "")
            .Where(static target => target.Contains("DeveloperTools", StringComparison.Ordinal) || target.Contains("onnxruntime.db", StringComparison.Ordinal));
        Assert.Empty(open);
    }
}
