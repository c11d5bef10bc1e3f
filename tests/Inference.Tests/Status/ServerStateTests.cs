using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Status;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.Tests.Status;

public sealed class ServerStateTests
{
    private readonly ServerState _state = new(new InferenceServerOptions { ModelFolder = "models/some" }, new CancellationToken(canceled: false));

    [Fact]
    public async Task HandleReadyAsync_WhileTheModelLoads_Is503()
    {
        var (context, body) = CreateContext();

        await new HealthEndpoints(_state).HandleReadyAsync(context);

        Assert.Equal(503, context.Response.StatusCode);
        Assert.Contains("\"loading\"", Text(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandleReadyAsync_WhileDraining_Is503()
    {
        var (context, body) = CreateContext();

        await new HealthEndpoints(new ServerState(_state.Options, new CancellationToken(canceled: true))).HandleReadyAsync(context);

        Assert.Equal(503, context.Response.StatusCode);
        Assert.Contains("\"draining\"", Text(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandleHealthAsync_WhileTheModelLoads_Is200()
    {
        var (context, _) = CreateContext();

        await HealthEndpoints.HandleHealthAsync(context);

        Assert.Equal(200, context.Response.StatusCode);
    }

    [Fact]
    public async Task HandleChatAsync_WhileTheModelLoads_Is503WithRetryHeaders()
    {
        var (context, body) = CreateContext();

        await new ChatCompletionsEndpoint(_state, new InferenceMetrics(), NullLogger.Instance).HandleAsync(context);

        Assert.Equal(503, context.Response.StatusCode);
        Assert.Equal("1", context.Response.Headers.RetryAfter);
        Assert.Contains("model_not_ready", Text(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandleMetricsAsync_WhileTheModelLoads_Answers()
    {
        var (context, body) = CreateContext();

        await new MetricsEndpoint(_state, new InferenceMetrics()).HandleAsync(context);

        Assert.Contains("vllm:generation_tokens_total{model_name=\"some\"} 0", Text(body), StringComparison.Ordinal);
    }

    private static (HttpContext Context, MemoryStream Body) CreateContext()
    {
        var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Response.Body = body;
        return (context, body);
    }

    private static string Text(MemoryStream body) => System.Text.Encoding.UTF8.GetString(body.ToArray());
}
