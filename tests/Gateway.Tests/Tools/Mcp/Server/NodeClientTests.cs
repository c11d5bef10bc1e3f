using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>The npm client of the protocol against the gateway.</summary>
public sealed class NodeClientTests
{
    private const string Key = "alice";

    [Fact]
    public async Task NodeSdk_AllThatAToolServerDoes_Works()
    {
        await using var host = await ToolServerHost.StartAsync();
        var cancelled = new TaskCompletionSource();
        AddTools(host, cancelled);

        var (exitCode, output, errors) = await NodeClients.RunAsync("mcp-tools.mjs", host.Endpoint.ToString(), Key);

        Assert.True(exitCode == 0, errors);
        var seen = JsonElement.Parse(output);
        Assert.Equal("router-gateway", seen.GetProperty("server").GetString());
        Assert.Equal("""["logging","tools"]""", seen.GetProperty("capabilities").GetRawText());
        Assert.Equal([100, 55], seen.GetProperty("pages").EnumerateArray().Select(static page => page.GetArrayLength()));
        Assert.Equal("text=héllo", TextOf(seen.GetProperty("called")));
        Assert.True(seen.GetProperty("failed").GetProperty("isError").GetBoolean());
        Assert.Equal("no such city", TextOf(seen.GetProperty("failed")));
        Assert.Equal(-32602, seen.GetProperty("unknown").GetProperty("code").GetInt32());
        Assert.Equal("""[{"progress":1,"total":2},{"progress":2,"total":2,"message":"all"}]""", seen.GetProperty("progress").GetRawText());
        Assert.Contains("enough", seen.GetProperty("cancelled").GetProperty("message").GetString(), StringComparison.Ordinal);
        await cancelled.Task;
        Assert.Equal("notifications/tools/list_changed", seen.GetProperty("changed").GetString());
        Assert.Equal("grew", seen.GetProperty("grown").GetString());
        Assert.Equal("text=again", seen.GetProperty("resumed").GetString());
        Assert.Equal(404, seen.GetProperty("ended").GetProperty("code").GetInt32());
        Assert.Equal(0, host.Sessions.Count);
    }

    private static void AddTools(ToolServerHost host, TaskCompletionSource cancelled)
    {
        host.Register(Key, [.. Enumerable.Range(0, 150).Select(static i => ToolServerHost.Definition($"tool_{i:000}")), ToolServerHost.Definition("echo")]);
        host.Register(Key, static (_, _, _) => Task.FromResult(new ToolResult("no such city", IsError: true)), "fails");
        host.Register(Key, static (_, progress, _) =>
        {
            progress?.Report(new ToolProgress(1, 2, null));
            progress?.Report(new ToolProgress(2, 2, "all"));
            return Task.FromResult(new ToolResult("done"));
        }, "steps");
        host.Register(Key, async (_, progress, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            progress?.Report(new ToolProgress(1, null, null));
            await Task.Delay(Timeout.Infinite, token);
            return new ToolResult("never");
        }, "slow");
        host.Register(Key, (_, _, _) =>
        {
            host.Register(Key, static (_, _, _) => Task.FromResult(new ToolResult("grew")), "grown");
            return Task.FromResult(new ToolResult("growing"));
        }, "grow");
    }

    private static string? TextOf(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString();
}
