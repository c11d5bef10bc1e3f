using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Mcp.Server;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

public sealed class McpEndpointTests
{
    private const string Ping = """{"jsonrpc":"2.0","id":7,"method":"ping"}""";
    private const string List = """{"jsonrpc":"2.0","id":7,"method":"tools/list"}""";

    [Fact]
    public async Task Post_Initialize_OpensSession()
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.PostAsync(ToolServerHost.Initialize);

        var result = (await ToolServerHost.MessagesAsync(response)).Single().GetProperty("result");
        Assert.Equal("2025-11-25", result.GetProperty("protocolVersion").GetString());
        Assert.Equal("router-gateway", result.GetProperty("serverInfo").GetProperty("name").GetString());
        Assert.True(result.GetProperty("capabilities").GetProperty("tools").GetProperty("listChanged").GetBoolean());
        Assert.Equal(["logging", "tools"], result.GetProperty("capabilities").EnumerateObject().Select(static capability => capability.Name).Order());
        Assert.Equal(32, response.Header(McpHeaders.SessionId)!.Length);
        Assert.Equal(1, host.Sessions.Count);
    }

    [Fact]
    public async Task Post_InitializeThatFails_LeavesNoSession()
    {
        await using var host = await ToolServerHost.StartAsync();

        using var wrong = await host.PostAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":5}}""");
        using var missing = await host.PostAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize"}""");

        await AssertRefusedAsync(wrong, 400, -32602, id: 1);
        await AssertRefusedAsync(missing, 400, -32602, id: 1);
        await Eventually.TrueAsync(() => host.Sessions.Count == 0, "the session is gone");
    }

    [Fact]
    public async Task Post_NotificationAndPing_AreAnsweredAsTheyShould()
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync();

        using var notified = await host.PostAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", session: session);
        using var pinged = await host.PostAsync(Ping, session: session);

        Assert.Equal((HttpStatusCode.Accepted, null, ""), (notified.StatusCode, notified.Content.Headers.ContentType, await notified.Content.ReadAsStringAsync()));
        var answer = (await ToolServerHost.MessagesAsync(pinged)).Single();
        Assert.Equal((7, "{}"), (answer.GetProperty("id").GetInt32(), answer.GetProperty("result").ToString()));
    }

    [Theory]
    [InlineData("nonsense", 400, -32700)]
    [InlineData("", 400, -32700)]
    [InlineData("5", 400, -32600)]
    [InlineData("{}", 400, -32600)]
    [InlineData("[]", 400, -32600)]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},5]""", 400, -32600)]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"method":"ping"}""", 400, -32600)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}""", 400, -32700)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"\ud800"}""", 400, -32600)]
    public async Task Post_BadBody_IsRefusedAsJsonRpc(string body, int status, int code)
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.PostAsync(body);

        await AssertRefusedAsync(response, status, code);
    }

    [Fact]
    public async Task Post_WithoutSession_IsRefused()
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.PostAsync(List);

        await AssertRefusedAsync(response, 400, -32600, id: 7);
    }

    [Fact]
    public async Task Post_NotUtf8_IsRefused()
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.PostAsync("", edit: static request => request.Content = new ByteArrayContent([0x22, 0xff, 0x22]) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });

        await AssertRefusedAsync(response, 400, -32700);
    }

    [Fact]
    public async Task Post_HugeBody_Is413()
    {
        await using var host = await ToolServerHost.StartAsync(static options => options.MaxRequestBytes = 10_000);

        using var response = await host.PostAsync($$"""{"jsonrpc":"2.0","id":1,"method":"{{new string('x', 20_000)}}"}""");

        await AssertRefusedAsync(response, 413, -32000);
    }

    [Theory]
    [InlineData("text/plain", "application/json, text/event-stream", null, 415, -32000)]
    [InlineData(null, "application/json, text/event-stream", null, 415, -32000)]
    [InlineData("application/json", "application/json", null, 406, -32000)]
    [InlineData("application/json", "text/event-stream", null, 406, -32000)]
    [InlineData("application/json", "text/html", null, 406, -32000)]
    [InlineData("application/json", "*/*", "1999-01-01", 400, -32022)]
    [InlineData("application/json", "*/*", "nonsense", 400, -32022)]
    [InlineData("application/json", "*/*", "2025-11-25", 200, 0)]
    [InlineData("application/json; charset=utf-8", "text/*, application/*;q=0.5", null, 200, 0)]
    public async Task Post_Headers_AreChecked(string? contentType, string accept, string? version, int status, int code)
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.PostAsync(ToolServerHost.Initialize, edit: request =>
        {
            request.Content!.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
            request.Headers.Accept.Clear();
            request.Headers.Accept.ParseAdd(accept);
            request.Headers.TryAddWithoutValidation(McpHeaders.ProtocolVersion, version is null ? [] : [version]);
        });

        if (status == 200)
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return;
        }

        var error = await AssertRefusedAsync(response, status, code);
        Assert.Equal(code == -32022, error.GetProperty("data").TryGetProperty("supported", out _));
    }

    [Theory]
    [InlineData(null, "http://evil.example", 403)]
    [InlineData(null, "null", 403)]
    [InlineData("evil.example", "http://evil.example", 403)] // a name that was let point here
    [InlineData("evil.example", null, 403)]
    [InlineData("localhost", "http://localhost", 200)]
    [InlineData(null, "self", 200)]
    [InlineData("[::1]", null, 200)]
    public async Task Post_OriginAndHost_AreChecked(string? host, string? origin, int status)
    {
        await using var server = await ToolServerHost.StartAsync();

        using var response = await server.PostAsync(ToolServerHost.Initialize, edit: request =>
        {
            request.Headers.Host = host;
            request.Headers.TryAddWithoutValidation("Origin", origin is null ? [] : [origin == "self" ? server.Gateway.Address.GetLeftPart(UriPartial.Authority) : origin]);
        });

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 403)
        {
            await AssertRefusedAsync(response, 403, -32000);
        }
    }

    [Fact]
    public async Task Post_OtherNameThroughProxy_IsServed()
    {
        await using var server = await ToolServerHost.StartAsync();

        using var response = await server.PostAsync(ToolServerHost.Initialize, edit: static request =>
        {
            request.Headers.Host = "gateway.example";
            request.Headers.Add("X-Forwarded-For", "192.0.2.7");
        });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Any_UnknownOrStolenSession_Is404()
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync("alice");

        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Delete])
        {
            using var stolen = await host.Gateway.Client.SendAsync(ToolServerHost.Request(method, "mallory", session), HttpCompletionOption.ResponseHeadersRead);
            using var unknown = await host.Gateway.Client.SendAsync(ToolServerHost.Request(method, "alice", "guess"), HttpCompletionOption.ResponseHeadersRead);
            using var missing = await host.Gateway.Client.SendAsync(ToolServerHost.Request(method, "alice"), HttpCompletionOption.ResponseHeadersRead);
            await AssertRefusedAsync(stolen, 404, -32001);
            await AssertRefusedAsync(unknown, 404, -32001);
            await AssertRefusedAsync(missing, 400, -32600);
        }

        using var posted = await host.PostAsync(Ping, "mallory", session);
        using var anonymous = await host.PostAsync(Ping, "", session);
        using var own = await host.PostAsync(Ping, "alice", session);
        await AssertRefusedAsync(posted, 404, -32001, id: 7);
        await AssertRefusedAsync(anonymous, 404, -32001, id: 7);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task Delete_Session_EndsIt()
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync();

        using var deleted = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Delete, session: session));
        using var after = await host.PostAsync(Ping, session: session);

        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await AssertRefusedAsync(after, 404, -32001, id: 7);
        Assert.Equal((0, 0), (host.Sessions.Count, host.Sessions.Owners));
    }

    [Fact]
    public async Task Other_Methods_Are405()
    {
        await using var host = await ToolServerHost.StartAsync();

        using var response = await host.Gateway.Client.SendAsync(ToolServerHost.Request(HttpMethod.Put));

        await AssertRefusedAsync(response, 405, -32000);
        Assert.Contains("POST", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("2025-03-26", 200)]
    [InlineData("2024-11-05", 200)]
    [InlineData("2025-06-18", 400)]
    [InlineData("2025-11-25", 400)]
    public async Task Post_Batch_AsTheRevisionHasIt(string version, int status)
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync(body: ToolServerHost.Initialize.Replace("2025-11-25", version, StringComparison.Ordinal));

        using var response = await host.PostAsync("""[{"jsonrpc":"2.0","id":"a","method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"},{"jsonrpc":"2.0","id":"b","method":"tools/list"}]""", session: session);
        using var again = await host.PostAsync($"[{ToolServerHost.Initialize}]", session: session);
        using var silent = await host.PostAsync("""[{"jsonrpc":"2.0","method":"notifications/initialized"}]""", session: session);

        await AssertRefusedAsync(again, 400, -32600);
        if (status == 400)
        {
            await AssertRefusedAsync(response, 400, -32600);
            return;
        }

        Assert.Equal(["a", "b"], (await ToolServerHost.MessagesAsync(response)).Select(static message => message.GetProperty("id").GetString()));
        Assert.Equal(HttpStatusCode.Accepted, silent.StatusCode);
    }

    [Fact]
    public async Task Post_FuzzedBodies_NeverFailTheGateway()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("", ToolServerHost.Definition("echo"));
        var session = await host.InitializeAsync();
        var random = new Random(20261121);
        string[] seeds =
        [
            ToolServerHost.Initialize, List, Ping, """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"x"}}""",
            """{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"echo","arguments":{"text":"é\u00e9","n":[1,2.5e3,{"a":null}]},"_meta":{"progressToken":5}}}""",
            """{"jsonrpc":"2.0","id":3,"method":"logging/setLevel","params":{"level":"debug"}}""", """{"jsonrpc":"2.0","id":9,"result":{}}""",
            """{"jsonrpc":"2.0","id":4,"method":"tools/list","params":{"cursor":"ZWNobw","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}""",
        ];
        for (var i = 0; i < 600; i++)
        {
            var body = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var edits = random.Next(1, 5); edits > 0; edits--)
            {
                var at = random.Next(body.Length);
                body = random.Next(4) switch
                {
                    0 => [.. body[..at], .. body[(at + 1)..]],
                    1 => [.. body[..at], (byte)"{}[]\",:0eE-\\ntu"[random.Next(15)], .. body[at..]],
                    2 => [.. body[..at], (byte)random.Next(256), .. body[(at + 1)..]],
                    _ => [.. body[..at], .. body[random.Next(body.Length)..]],
                };
                body = body.Length == 0 ? [(byte)' '] : body;
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using var response = await host.PostAsync("", session: random.Next(8) == 0 ? null : session, cancellationToken: limit.Token, edit: request => request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } });
            await response.Content.ReadAsByteArrayAsync(limit.Token);
            Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} on {Encoding.UTF8.GetString(body)}");
        }
    }

    [Fact]
    public async Task Call_UnknownTool_IsInvalidParams()
    {
        await using var host = await ToolServerHost.StartAsync();
        var session = await host.InitializeAsync();

        using var response = await host.PostAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"nothing"}}""", session: session);

        var error = (await ToolServerHost.MessagesAsync(response)).Single().GetProperty("error");
        Assert.Equal((-32602, "Unknown tool: nothing"), (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Tools_OfAnotherKey_AreNeitherListedNorCalled()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("alice", static (_, _, _) => Task.FromResult(new ToolResult("ran")), "secret");
        host.Register("alice", ToolServerHost.Definition("common", ""","visibility":"shared" """));
        host.Register("bob", ToolServerHost.Definition("own"), ToolServerHost.Definition("common"));

        Assert.Equal(["common", "secret"], await host.ListAsync("alice"));
        var ofBob = await host.ListAsync("bob");
        Assert.Equal(3, ofBob.Count);
        Assert.Equal(["common", "own"], ofBob.Where(static name => !name.StartsWith("common_", StringComparison.Ordinal)));
        Assert.Equal(["common"], await host.ListAsync());
        Assert.Equal(-32602, await CallErrorAsync(host, "bob", "secret"));
        Assert.Equal(-32602, await CallErrorAsync(host, "", "secret"));
        Assert.Null(await CallErrorAsync(host, "alice", "secret"));
        Assert.Null(await CallErrorAsync(host, "bob", ofBob.Single(static name => name.StartsWith("common_", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Tools_ThatRunElsewhereOrAreDenied_AreNotOffered()
    {
        await using var host = await ToolServerHost.StartAsync();
        var client = JsonElement.Parse("""{"name":"browser","description":"d"}""");
        host.Register("", RouterGateway.Router.Tools.ToolDefinitionReader.Read(client).Definition!, ToolServerHost.Definition("fine"), ToolServerHost.Definition("drop_all"));
        await host.EditRoutesAsync(static routes => routes.Replace("\"tools\": {", "\"tools\": { \"deny\": [\"drop_*\"]", StringComparison.Ordinal));

        Assert.Equal(["fine"], await host.ListAsync());
        Assert.Equal(-32602, await CallErrorAsync(host, "", "browser"));
        Assert.Equal(-32602, await CallErrorAsync(host, "", "drop_all"));
    }

    [Fact]
    public async Task List_ManyTools_PagesThatSurviveChanges()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("", [.. Enumerable.Range(0, 250).Select(static i => ToolServerHost.Definition($"tool_{i:000}"))]);
        var session = await host.InitializeAsync();

        var first = await PageAsync(null);
        host.Register("", ToolServerHost.Definition("aaa"), ToolServerHost.Definition("tool_120b"));
        var second = await PageAsync(first.Cursor);
        var third = await PageAsync(second.Cursor);

        Assert.Equal((100, 100, 51), (first.Names.Count, second.Names.Count, third.Names.Count));
        Assert.Null(third.Cursor);
        string[] all = [.. first.Names, .. second.Names, .. third.Names];
        Assert.Equal([.. Enumerable.Range(0, 250).Select(static i => $"tool_{i:000}").Append("tool_120b").Order(StringComparer.Ordinal)], all);
        using var wrong = await host.PostAsync("""{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":"!"}}""", session: session);
        Assert.Equal(-32602, (await ToolServerHost.MessagesAsync(wrong)).Single().GetProperty("error").GetProperty("code").GetInt32());

        async Task<(List<string> Names, string? Cursor)> PageAsync(string? cursor)
        {
            using var response = await host.PostAsync($$"""{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{{(cursor is null ? "{}" : $$"""{"cursor":"{{cursor}}"}""")}}}""", session: session);
            var result = (await ToolServerHost.MessagesAsync(response)).Single().GetProperty("result");
            return ([.. result.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("name").GetString()!)], result.TryGetProperty("nextCursor", out var next) ? next.GetString() : null);
        }
    }

    [Fact]
    public async Task List_SchemaWithoutType_HasTypeObject()
    {
        await using var host = await ToolServerHost.StartAsync();
        host.Register("", ToolServerHost.Definition("bare", parameters: """{"properties":{"a":{"type":"integer"}},"required":["a"]}"""));
        var session = await host.InitializeAsync();

        using var response = await host.PostAsync(List, session: session);

        var tool = (await ToolServerHost.MessagesAsync(response)).Single().GetProperty("result").GetProperty("tools")[0];
        Assert.Equal("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""", tool.GetProperty("inputSchema").GetRawText());
        Assert.Equal("Does bare", tool.GetProperty("description").GetString());
    }

    private static async Task<int?> CallErrorAsync(ToolServerHost host, string key, string name)
    {
        var session = await host.InitializeAsync(key);
        using var response = await host.PostAsync($$"""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"{{name}}","arguments":{} } }""", key, session);
        var message = (await ToolServerHost.MessagesAsync(response)).Single();
        return message.TryGetProperty("error", out var error) ? error.GetProperty("code").GetInt32() : null;
    }

    private static async Task<JsonElement> AssertRefusedAsync(HttpResponseMessage response, int status, int code, int? id = null)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        var message = JsonElement.Parse(text);
        Assert.Equal("2.0", message.GetProperty("jsonrpc").GetString());
        Assert.Equal(id?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null", message.GetProperty("id").GetRawText());
        var error = message.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        return error;
    }
}
