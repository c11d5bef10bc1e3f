using System.Net;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Mcp.Server;
using RouterGateway.Router.Tests;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

public sealed class ToolSessionsTests
{
    private const string Ping = """{"jsonrpc":"2.0","id":7,"method":"ping"}""";

    [Fact]
    public void Defaults_AreDocumented()
    {
        var options = new GatewayOptions();

        Assert.Equal((4_000, 1_000, TimeSpan.FromMinutes(10)), (options.MaxMcpSessions, options.MaxMcpSessionsPerKey, ToolSessions.IdleTimeout));
    }

    [Fact]
    public async Task Open_MoreThanAllowed_IsRefusedUntilOneEnds()
    {
        await using var host = await ToolServerHost.StartAsync(static options => (options.MaxMcpSessions, options.MaxMcpSessionsPerKey) = (3, 2));
        var first = await host.InitializeAsync("alice");
        await host.InitializeAsync("alice");

        using var third = await host.PostAsync(ToolServerHost.Initialize, "alice");
        await host.InitializeAsync("bob");
        using var fourth = await host.PostAsync(ToolServerHost.Initialize, "bob");
        using var deleted = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Delete, "alice", first));
        using var after = await host.PostAsync(ToolServerHost.Initialize, "bob");

        Assert.Equal((HttpStatusCode.TooManyRequests, "10"), (third.StatusCode, third.Header("retry-after")));
        Assert.Contains("may not have more", await third.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "10"), (fourth.StatusCode, fourth.Header("retry-after")));
        Assert.Contains("\"sessions_exhausted\"", await fourth.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        var metrics = await host.Gateway.Client.GetStringAsync("/metrics");
        Assert.Contains("mcp_server_sessions_refused_total{code=\"too_many_sessions\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mcp_server_sessions_refused_total{code=\"sessions_exhausted\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_Sessions_EndAfterTenMinutesUnlessUsed()
    {
        var clock = new ManualTimeProvider();
        await using var host = await ToolServerHost.StartAsync(timeProvider: clock);
        var idle = await host.InitializeAsync();
        var used = await host.InitializeAsync();
        var streaming = await host.InitializeAsync();
        using var stream = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, session: streaming), HttpCompletionOption.ResponseHeadersRead);

        clock.Advance(ToolSessions.IdleTimeout - TimeSpan.FromSeconds(30));
        using var ping = await host.PostAsync(Ping, session: used);
        await ping.Content.ReadAsStringAsync();
        clock.Advance(IdleSessionSweeper.Period);

        await Eventually.TrueAsync(() => host.Sessions.Count == 2, "the idle session is gone");
        using var ofIdle = await host.PostAsync(Ping, session: idle);
        using var ofUsed = await host.PostAsync(Ping, session: used);
        using var ofStreaming = await host.PostAsync(Ping, session: streaming);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK), (ofIdle.StatusCode, ofUsed.StatusCode, ofStreaming.StatusCode));
    }

    [Fact]
    public async Task Thousand_Sessions_LeaveNothingBehind()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("", ToolServerHost.Definition("echo"));
        var changes = (ToolListChanges)host.Gateway.Services.GetService(typeof(ToolListChanges))!;
        var servers = new System.Collections.Concurrent.ConcurrentBag<WeakReference>();

        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            var key = $"key{i % 7}";
            var id = await host.InitializeAsync(key);
            using var call = await host.PostAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"x"}}}""", key, id, cancellationToken: token);
            await call.Content.ReadAsStringAsync(token);
            using var stream = i % 5 > 0 ? null : await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, key, id), HttpCompletionOption.ResponseHeadersRead, token);
            Watch(id, key);
            using var deleted = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Delete, key, id), token);
            Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        });

        Assert.Equal((0, 0), (host.Sessions.Count, host.Sessions.Owners));
        Assert.Equal(1_000, servers.Count);
        await Eventually.TrueAsync(() => changes.Listeners == 0, "streams end with their sessions");
        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return servers.Count(static server => server.IsAlive) < 20; // what the last requests touched may stand on some thread's stack
        }, "sessions are collected");
        Assert.Contains("mcp_server_sessions 0", await host.Gateway.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        void Watch(string id, string key)
        {
            var session = host.Sessions.Enter(id, ToolServerHost.OwnerOf(key))!;
            servers.Add(new WeakReference(session.Server));
            session.Leave();
        }
    }

    [Fact]
    public async Task Delete_WhileCalling_EndsTheCallAndTheStream()
    {
        await using var host = await ToolServerHost.StartAsync();
        var (begun, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Register("", async (_, _, token) =>
        {
            begun.TrySetResult();
            using var registration = token.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("never");
        }, "slow");
        var session = await host.InitializeAsync();
        using var stream = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Get, session: session), HttpCompletionOption.ResponseHeadersRead);
        var streamed = stream.Content.ReadAsStringAsync();
        using var call = await host.PostAsync("""{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"slow"}}""", session: session);
        await begun.Task;

        using var deleted = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Delete, session: session));

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await cancelled.Task;
        await streamed;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => call.Content.ReadAsStringAsync()); // cut, not ended
    }

    [Fact]
    public async Task Stop_WithOpenStreams_EndsThem()
    {
        var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync();
        using var client = new HttpClient { BaseAddress = host.Gateway.Address };
        using var stream = await client.SendAsync(ToolServerHost.Request(HttpMethod.Get, session: session), HttpCompletionOption.ResponseHeadersRead);
        using var listening = await client.SendAsync(LoneRequests.Create("subscriptions/listen", """ "notifications":{"toolsListChanged":true} """), HttpCompletionOption.ResponseHeadersRead);

        await host.DisposeAsync();

        await stream.Content.ReadAsStringAsync(); // whole: no exception
        var messages = await ToolServerHost.MessagesAsync(listening);
        Assert.Equal("notifications/subscriptions/acknowledged", messages[0].GetProperty("method").GetString());
        Assert.True(messages[^1].TryGetProperty("result", out _));
    }
}
