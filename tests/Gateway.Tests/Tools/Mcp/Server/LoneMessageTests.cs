using System.Net;
using System.Text.Json;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Mcp.Server;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>The revision without sessions: 2026-07-28.</summary>
public sealed class LoneMessageTests
{
    [Fact]
    public async Task Discover_ListAndCall_NeedNoSession()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("alice", ToolServerHost.Definition("echo"));

        var discovered = await SendAsync(host, LoneRequests.Create("server/discover"));
        var listed = await SendAsync(host, LoneRequests.Create("tools/list", key: "alice"));
        var called = await SendAsync(host, LoneRequests.Create("tools/call", """ "name":"echo","arguments":{"text":"hi"} """, "echo", "alice"));
        var ofOther = await SendAsync(host, LoneRequests.Create("tools/call", """ "name":"echo","arguments":{"text":"hi"} """, "echo", "bob"));

        Assert.Contains(LoneRequests.Version, discovered.Message.GetProperty("result").GetProperty("supportedVersions").EnumerateArray().Select(static version => version.GetString()));
        Assert.True(discovered.Message.GetProperty("result").GetProperty("capabilities").GetProperty("tools").GetProperty("listChanged").GetBoolean());
        Assert.Equal("echo", listed.Message.GetProperty("result").GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal("private", listed.Message.GetProperty("result").GetProperty("cacheScope").GetString());
        Assert.Equal("text=hi", called.Message.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal(-32602, ofOther.Message.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(0, host.Sessions.Count);
    }

    [Theory]
    [InlineData("ping", "", null, 404, -32601)]
    [InlineData("initialize", "", null, 404, -32601)]
    [InlineData("nothing/known", "", null, 404, -32601)]
    [InlineData("tools/call", """ "name":"echo" """, null, 400, -32020)]
    [InlineData("tools/call", """ "name":"echo" """, "other", 400, -32020)]
    [InlineData("tools/call", "", "echo", 400, -32020)]
    public async Task Post_OddRequests_AreRefused(string method, string parameters, string? name, int status, int code)
    {
        await using var host = await ToolServerHost.StartAsync();

        var (actual, message) = await SendAsync(host, LoneRequests.Create(method, parameters, name));

        Assert.Equal((status, code, 5), ((int)actual, message.GetProperty("error").GetProperty("code").GetInt32(), message.GetProperty("id").GetInt32()));
    }

    [Theory]
    [InlineData(McpHeaders.ProtocolVersion, null, -32020)]
    [InlineData(McpHeaders.ProtocolVersion, "2025-11-25", -32020)]
    [InlineData(McpHeaders.Method, null, -32020)]
    [InlineData(McpHeaders.Method, "tools/call", -32020)]
    [InlineData(McpHeaders.SessionId, "some", -32600)]
    public async Task Post_HeadersThatDiffer_AreRefused(string header, string? value, int code)
    {
        await using var host = await ToolServerHost.StartAsync();
        var request = LoneRequests.Create("tools/list");
        request.Headers.Remove(header);
        request.Headers.Add(header, value is null ? [] : [value]);

        var (status, message) = await SendAsync(host, request);

        Assert.Equal((HttpStatusCode.BadRequest, code), (status, message.GetProperty("error").GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Post_WithoutCapabilities_IsInvalidParams()
    {
        await using var host = await ToolServerHost.StartAsync();
        var request = LoneRequests.Create("tools/list");
        var body = await request.Content!.ReadAsStringAsync();
        request.Content = new StringContent(body.Replace("clientCapabilities", "else", StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");

        var (status, message) = await SendAsync(host, request);

        Assert.Equal((HttpStatusCode.BadRequest, -32602), (status, message.GetProperty("error").GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Get_HasNoStream_405()
    {
        await using var host = await ToolServerHost.StartAsync();
        using var request = ToolServerHost.Request(HttpMethod.Get);
        request.Headers.Add(McpHeaders.ProtocolVersion, LoneRequests.Version);

        using var response = await host.Gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Disconnect_WhileCalling_CancelsTheCall()
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
        using var leaves = new CancellationTokenSource();

        var call = host.Gateway.Client.SendAsync(LoneRequests.Create("tools/call", """ "name":"slow" """, "slow"), leaves.Token);
        await begun.Task;
        await leaves.CancelAsync();

        await cancelled.Task;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Listen_ToolsChange_IsToldWithTheSubscription()
    {
        await using var host = await ToolServerHost.StartAsync();
        using var response = await host.Gateway.Client.SendAsync(LoneRequests.Create("subscriptions/listen", """ "notifications":{"toolsListChanged":true,"promptsListChanged":true} """, key: "alice"), HttpCompletionOption.ResponseHeadersRead);
        await using var stream = new EventReader(response);

        var acknowledged = await stream.NextAsync();
        host.Register("bob", ToolServerHost.Definition("private_one"));
        host.Register("alice", ToolServerHost.Definition("echo"));
        var changed = await stream.NextAsync();

        Assert.Equal("""{"toolsListChanged":true}""", acknowledged.GetProperty("params").GetProperty("notifications").GetRawText());
        Assert.Equal("notifications/tools/list_changed", changed.GetProperty("method").GetString());
        Assert.All([acknowledged, changed], static message => Assert.Equal(5, message.GetProperty("params").GetProperty("_meta").GetProperty("io.modelcontextprotocol/subscriptionId").GetInt32()));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Message)> SendAsync(ToolServerHost host, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await host.Gateway.Client.SendAsync(request);
            return (response.StatusCode, (await ToolServerHost.MessagesAsync(response)).Single());
        }
    }
}
