using System.Net;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Status;

public sealed class StatusEndpointsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_ReadyHealthAndModels_TellWhatIsServed()
    {
        await using var server = await TestServer.StartAsync();

        var ready = await server.GetAsync("/readyz", Cancellation);
        var health = await server.GetAsync("/healthz", Cancellation);
        var models = await server.GetAsync("/v1/models", Cancellation);

        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.Equal("cpu", ready.GetProperty("device").GetString());
        Assert.Equal("int8", ready.GetProperty("kvCache").GetString());
        Assert.Equal("sample-coding", ready.GetProperty("model").GetString());
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal("sample-coding", models.GetProperty("data")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("auto", "none", 2560)]
    [InlineData("none", "none", 2560)]
    [InlineData("int8", "int8", 640)]
    [InlineData("int4", "int4", 320)]
    [InlineData("int8-per-token-head", "int8-per-token-head", 672)]
    public async Task Get_AnExportWithAPlainKvCache_HasTheOneThatIsAskedFor(string kvCache, string served, int bytesPerToken)
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.WriteAllBytes(folder.File("model.onnx"), OnnxGraph.Edit(folder.File("model.onnx"), StaticKvScales.Remove));
        await using var server = await TestServer.StartAsync(folder: folder.Path, kvCache: kvCache);

        await server.CompleteAsync("""{"messages":[{"role":"user","content":"Add two numbers."}],"max_tokens":8,"temperature":0}""", Cancellation);

        Assert.Equal(served, (await server.GetAsync("/readyz", Cancellation)).GetProperty("kvCache").GetString());
        Assert.Equal(bytesPerToken, await server.ReadMetricAsync("inference_kv_cache_bytes_per_token", Cancellation));
    }

    [Fact]
    public async Task Get_Metrics_IsPrometheusTextWithVllmsNames()
    {
        await using var server = await TestServer.StartAsync();
        await server.CompleteAsync("""{"messages":[{"role":"user","content":"Hi."}],"max_tokens":4}""", Cancellation);

        var text = await server.Client.GetStringAsync("/metrics", Cancellation);

        Assert.Matches("(?m)^vllm:cache_config_info\\{model_name=\"sample-coding\",cache_dtype=\"int8\",block_size=\"1\",num_gpu_blocks=\"8192\",device=\"cpu\"\\} 1$", text);
        Assert.Matches("(?m)^vllm:kv_cache_usage_perc\\{model_name=\"sample-coding\"\\} 0$", text);
        Assert.Matches("(?m)^vllm:num_requests_waiting\\{[^}]*\\} 0$", text);
        Assert.Matches("(?m)^inference_kv_cache_pool_bytes\\{[^}]*\\} 5242880$", text);
        Assert.Matches("(?m)^vllm:time_to_first_token_seconds_bucket\\{[^}]*le=\"\\+Inf\"\\} 1$", text);
        Assert.Matches("(?m)^vllm:time_to_first_token_seconds_count\\{[^}]*\\} 1$", text);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Matches("^(# (HELP|TYPE) [a-z_:]+ .+|[a-z_:]+\\{[^{}]+\\} [-+0-9.eE]+)$", line);
        }
    }

    [Fact]
    public async Task Get_AnUnknownPath_IsNotFound()
    {
        await using var server = await TestServer.StartAsync();

        using var response = await server.Client.GetAsync("/nothing", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
