using System.Diagnostics;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>The NuGet client of the protocol against the gateway.</summary>
public sealed class ToolServerTests
{
    private const string Sessions = "2025-11-25";

    [Theory]
    [InlineData(Sessions)]
    [InlineData(LoneRequests.Version)]
    [InlineData(null)]
    public async Task NuGetClient_ListCallErrorProgress_Works(string? version)
    {
        await using var host = await ToolServerHost.StartAsync();
        var reports = new Reports();
        host.Register("alice", async (_, progress, _) =>
        {
            progress?.Report(new ToolProgress(1, 3, "one"));
            progress?.Report(new ToolProgress(1, 3, "again"));
            progress?.Report(new ToolProgress(3, 3, "all"));
            await Router.Tests.Redis.Eventually.TrueAsync(() => progress is null || reports.All.Count >= 2, "the client heard of it"); // it forgets reports that it has not handled when the answer comes
            return new ToolResult("done");
        }, "steps");
        host.Register("alice", static (_, _, _) => Task.FromResult(new ToolResult("no such city", IsError: true)), "fails");
        host.Register("alice", static (_, _, _) => Task.FromResult(new ToolResult("a picture") { Blocks = [new TextContentBlock { Text = "a picture" }, ImageContentBlock.FromBytes(new byte[] { 1, 2 }, "image/png")] }), "draws");
        await using var client = await ConnectAsync(host, version, "alice");

        var tools = await client.ListToolsAsync();
        var steps = await client.CallToolAsync("steps", new Dictionary<string, object?>(), reports);
        var drawn = await client.CallToolAsync("draws", new Dictionary<string, object?>());
        var failed = await client.CallToolAsync("fails", new Dictionary<string, object?>());
        var unknown = await Assert.ThrowsAsync<McpProtocolException>(() => client.CallToolAsync("nothing", new Dictionary<string, object?>()).AsTask());

        Assert.Equal(["draws", "fails", "steps"], tools.Select(static tool => tool.Name));
        Assert.Equal(("done", false), (((TextContentBlock)steps.Content.Single()).Text, steps.IsError));
        Assert.Equal([(1f, "one"), (3f, "all")], reports.All.Order()); // this client hands them out in any order
        Assert.Equal(["text", "image"], drawn.Content.Select(static block => block.Type));
        Assert.Equal(("no such city", true), (((TextContentBlock)failed.Content.Single()).Text, failed.IsError));
        Assert.Equal(McpErrorCode.InvalidParams, unknown.ErrorCode);
        Assert.Equal(version ?? LoneRequests.Version, client.NegotiatedProtocolVersion);
        var metrics = await host.Gateway.Client.GetStringAsync("/metrics");
        Assert.Contains("mcp_server_operation_duration_seconds_count{method=\"tools/call\",outcome=\"ok\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("mcp_server_operation_duration_seconds_count{method=\"tools/call\",outcome=\"tool_error\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mcp_server_operation_duration_seconds_count{method=\"tools/call\",outcome=\"refused\"} 1", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sessions)]
    [InlineData(LoneRequests.Version)]
    public async Task NuGetClient_Cancel_EndsTheCall(string version)
    {
        await using var host = await ToolServerHost.StartAsync();
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Register("", async (_, _, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("never");
        }, "slow");
        await using var client = await ConnectAsync(host, version);
        using var leaves = new CancellationTokenSource();

        var call = client.CallToolAsync("slow", new Dictionary<string, object?>(), cancellationToken: leaves.Token).AsTask();
        await begun.Task;
        await leaves.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task;
        Assert.NotNull(await client.ListToolsAsync()); // the session is well
    }

    [Fact]
    public async Task NuGetClient_ToolsChange_HearsOfIt()
    {
        await using var host = await ToolServerHost.StartAsync();
        await using var client = await ConnectAsync(host, Sessions);
        var heard = new TaskCompletionSource();
        await using var handler = client.RegisterNotificationHandler(NotificationMethods.ToolListChangedNotification, (_, _) =>
        {
            heard.TrySetResult();
            return ValueTask.CompletedTask;
        });

        host.Register("", ToolServerHost.Definition("fresh"));

        await heard.Task;
        Assert.Equal("fresh", (await client.ListToolsAsync()).Single().Name);
    }

    [Fact]
    public async Task Cancelled_Notification_EndsTheCallAndItsAnswer()
    {
        await using var host = await ToolServerHost.StartAsync();
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Register("", async (_, _, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("never");
        }, "slow");
        var session = await host.InitializeAsync();
        using var call = await host.PostAsync("""{"jsonrpc":"2.0","id":"c1","method":"tools/call","params":{"name":"slow"}}""", session: session);
        await begun.Task;

        using var notified = await host.PostAsync("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c1"}}""", session: session);

        Assert.Equal(System.Net.HttpStatusCode.Accepted, notified.StatusCode);
        await cancelled.Task;
        Assert.DoesNotContain(await ToolServerHost.MessagesAsync(call), static message => message.TryGetProperty("result", out _));
    }

    [Fact]
    public async Task Disconnect_WhileCalling_CancelsTheCallAndKeepsTheSession()
    {
        await using var host = await ToolServerHost.StartAsync();
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Register("", async (_, _, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("never");
        }, "slow");
        var session = await host.InitializeAsync();

        using (await host.PostAsync("""{"jsonrpc":"2.0","id":"c1","method":"tools/call","params":{"name":"slow"}}""", session: session))
        {
            await begun.Task;
        }

        await cancelled.Task;
        using var pinged = await host.PostAsync("""{"jsonrpc":"2.0","id":7,"method":"ping"}""", session: session);
        Assert.True(pinged.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Call_OfATool_IsASpanOfTheServer()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("", ToolServerHost.Definition("spanned"));
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener { ShouldListenTo = static source => source.Name.Contains("ModelContextProtocol", StringComparison.Ordinal), Sample = static (ref _) => ActivitySamplingResult.AllData, ActivityStopped = spans.Enqueue };
        ActivitySource.AddActivityListener(listener);
        var session = await host.InitializeAsync();

        using var response = await host.PostAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"spanned"}}""", session: session);
        await response.Content.ReadAsStringAsync();

        await Router.Tests.Redis.Eventually.TrueAsync(() => spans.Any(static span => span is { DisplayName: "tools/call spanned", Kind: ActivityKind.Server }), "the library's own span");
        Assert.Equal("tools/call", spans.First(static span => span.DisplayName == "tools/call spanned").GetTagItem("mcp.method.name"));
    }

    private static Task<McpClient> ConnectAsync(ToolServerHost host, string? version, string key = "") => McpClient.CreateAsync(
        new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = host.Endpoint,
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = key.Length == 0 ? [] : new Dictionary<string, string> { ["Authorization"] = "Bearer " + key },
        }),
        new McpClientOptions { ProtocolVersion = version });

    /// <summary>Keeps reports as they come; Progress{T} would post them.</summary>
    private sealed class Reports : IProgress<ProgressNotificationValue>
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<(float, string?)> _all = [];

        public IReadOnlyList<(float Progress, string? Message)> All => [.. _all];

        public void Report(ProgressNotificationValue value) => _all.Enqueue((value.Progress, value.Message));
    }
}
