using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>Servers over HTTP that say what they should not.</summary>
public sealed class McpHostileServerTests
{
    private const string Good = """{"name":"good","inputSchema":{"type":"object"}}""";

    [Fact]
    public async Task List_UnusableTools_AreSkippedAlone()
    {
        string[] tools =
        [
            Good, "1", "null", "{}", """{"name":5}""", """{"name":""}""", """{"name":"half\ud800"}""", Good,
            """{"name":"text-schema","inputSchema":"nope"}""", """{"name":"array","inputSchema":{"type":"array"}}""", """{"name":"number","description":7,"inputSchema":{"type":"object"}}""",
            $$"""{"name":"long","description":"{{new string('x', 2_000_000)}}","inputSchema":{"type":"object"} }""",
            $$"""{"name":"big","inputSchema":{"type":"object","description":"{{new string('x', 100_000)}}"} }""",
            $$"""{"name":"{{new string('n', 300)}}","inputSchema":{"type":"object"} }""",
        ];
        await using var server = await RawMcpServer.StartAsync((_, _) => $$"""{"tools":[{{string.Join(',', tools)}}]}""");
        await using var gateway = await McpGateway.StartAsync(Entry(server));

        await gateway.NamesAsync("raw__good");
    }

    [Fact]
    public async Task List_TenThousandTools_AThousandAreTaken()
    {
        var tools = string.Join(',', Enumerable.Range(0, 10_000).Select(static i => $$"""{"name":"t{{i:00000}}","inputSchema":{"type":"object"} }"""));
        await using var server = await RawMcpServer.StartAsync((_, _) => $$"""{"tools":[{{tools}}]}""");
        await using var gateway = await McpGateway.StartAsync(Entry(server));

        await gateway.StateAsync("raw", McpServerState.Ready);

        Assert.Equal(Enumerable.Range(0, 1000).Select(static i => $"raw__t{i:00000}"), gateway.Names);
    }

    [Fact]
    public async Task List_PagesWithoutEnd_Ends()
    {
        await using var server = await RawMcpServer.StartAsync(static (_, _) => $$"""{"tools":[{{Good}}],"nextCursor":"again"}""");
        await using var gateway = await McpGateway.StartAsync(Entry(server, "20s"));

        await gateway.NamesAsync("raw__good");
    }

    [Theory]
    [InlineData("[]", "no list of tools")]
    [InlineData("""{"tools":7}""", "no list of tools")]
    [InlineData("""!{"code":-32603,"message":"broken"}""", "broken")]
    [InlineData("""{"tools":[] """, "")]
    public async Task List_Garbage_IsLostAlone(string answer, string reason)
    {
        await using var server = await RawMcpServer.StartAsync((_, _) => answer);
        await using var other = await TestMcpServer.StartAsync("tool");
        await using var gateway = await McpGateway.StartAsync(Entry(server) + "," + other.Entry("other"));

        await gateway.NamesAsync("other__tool");
        await Eventually.TrueAsync(() => gateway.Status("raw").LastError is not null, "it is lost");

        Assert.Contains(reason, gateway.Status("raw").LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_LargerThanTheBound_AreNotRead()
    {
        var filler = new string('x', McpConnection.MostMessageBytes);
        await using var server = await RawMcpServer.StartAsync((method, _) => method == "tools/call" ? $$"""{"content":[{"type":"text","text":"{{filler}}"}]}""" : $$"""{"tools":[{{Good}}]}""");
        await using var gateway = await McpGateway.StartAsync(Entry(server, "20s"));
        await gateway.NamesAsync("raw__good");

        var result = await gateway.CallAsync("raw", "good");

        Assert.Equal((true, true), (result.IsError, result.IsToolFault));
        Assert.Equal(["raw__good"], gateway.Names);
    }

    [Fact]
    public async Task Results_OfAllKinds_AreTaken()
    {
        var answers = new Dictionary<string, string>
        {
            ["lines"] = """{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}""",
            ["structured"] = """{"content":[],"structuredContent":{"a":1}}""",
            ["both"] = """{"content":[{"type":"text","text":"one"}],"structuredContent":{"a":1}}""",
            ["image"] = """{"content":[{"type":"text","text":"a dot"},{"type":"image","data":"AAAA","mimeType":"image/png"}]}""",
            ["nothing"] = """{"content":[]}""",
            ["unknown"] = """{"content":[{"type":"smell","of":"roses"}]}""",
            ["null"] = "null",
        };
        await using var server = await RawMcpServer.StartAsync((method, parameters) => method == "tools/call" ? answers[parameters.GetProperty("name").GetString()!] : $$"""{"tools":[{{Good}}]}""");
        await using var gateway = await McpGateway.StartAsync(Entry(server));
        await gateway.NamesAsync("raw__good");

        Assert.Equal("a\nb", (await gateway.CallAsync("raw", "lines")).Text);
        Assert.Equal("""{"a":1}""", (await gateway.CallAsync("raw", "structured")).Text);
        Assert.Equal("one", (await gateway.CallAsync("raw", "both")).Text);
        var image = await gateway.CallAsync("raw", "image");
        Assert.Equal("a dot", image.Text);
        Assert.Equal([typeof(TextContentBlock), typeof(ImageContentBlock)], image.Blocks!.Select(static block => block.GetType()));
        Assert.Equal(("", false), ((await gateway.CallAsync("raw", "nothing")).Text, (await gateway.CallAsync("raw", "nothing")).IsError));
        Assert.True((await gateway.CallAsync("raw", "unknown")).IsToolFault);
        Assert.True((await gateway.CallAsync("raw", "null")).IsToolFault);
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var other = await FakeDestination.StartAsync(static _ => Task.CompletedTask);
        await using var server = await FakeDestination.StartAsync(context =>
        {
            context.Response.Redirect(other.Address, permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await using var gateway = await McpGateway.StartAsync($$""" "moved": { "url": "{{server.Address}}", "headers": { "x-key": { "value": "v" } }, "timeout": "2s" } """);

        await gateway.StateAsync("moved", McpServerState.Lost);

        Assert.Empty(other.Requests);
        Assert.All(server.Requests, static request => Assert.Equal("v", request.Headers["x-key"].ToString()));
    }

    [Fact]
    public async Task OldTransport_EndpointOnAnotherHost_IsNotUsed()
    {
        await using var other = await FakeDestination.StartAsync(static _ => Task.CompletedTask);
        await using var server = await FakeDestination.StartAsync(async context =>
        {
            if (context.Request.Method != "GET")
            {
                context.Response.StatusCode = 405;
                return;
            }

            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync($"event: endpoint\ndata: {other.Address}/messages\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var gateway = await McpGateway.StartAsync($$""" "sse": { "url": "{{server.Address}}", "timeout": "2s" } """);

        await gateway.StateAsync("sse", McpServerState.Lost);

        Assert.Contains("another host", gateway.Status("sse").LastError, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    /// <summary>From version 2026-07-28 on, servers tell of changes only those who asked for it.</summary>
    [Fact]
    public async Task NewestProtocol_ListChanged_IsListenedFor()
    {
        var changed = new TaskCompletionSource();
        FakeDestination server = null!;
        server = await FakeDestination.StartAsync(async context =>
        {
            var request = JsonElement.Parse(server.Requests.Last().Body);
            var method = request.GetProperty("method").GetString();
            if (method == "subscriptions/listen")
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.Body.FlushAsync();
                await changed.Task.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync("""data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{}}""" + "\n\n");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            var result = method == "server/discover"
                ? """{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}},"ttlMs":0,"cacheScope":"public"}"""
                : $$"""{"tools":[{"name":"{{(changed.Task.IsCompleted ? "new" : "old")}}","inputSchema":{"type":"object"} }],"ttlMs":0,"cacheScope":"public"}""";
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":{{request.GetProperty("id").GetRawText()}},"result":{{result}} }""", Encoding.UTF8);
        });
        await using var owned = server;
        await using var gateway = await McpGateway.StartAsync($$""" "new": { "url": "{{server.Address}}", "timeout": "5s" } """);
        await gateway.NamesAsync("new__old");

        changed.SetResult();

        await gateway.NamesAsync("new__new");
    }

    private static string Entry(RawMcpServer server, string timeout = "5s") => $$""" "raw": { "url": "{{server.Address}}", "timeout": "{{timeout}}" } """;
}
