using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolClientTests
{
    [Fact]
    public async Task Call_Post_SendsWhatTheDefinitionSays()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("""{"ok":true}""");
        using var tools = new TestHttpTools();
        var target = TestHttpTools.Target($"http://api.example.com:{server.Port}/v1/{{id}}?a=1", "POST", ("x-tenant", new ToolHeader { Argument = "tenant" }));

        // act
        var result = await tools.CallAsync(target, """{"id":"../x","tenant":"t","deep":{"list":[1]}}""");

        // assert
        Assert.Equal("""{"ok":true}""", result.Text);
        Assert.False(result.IsError);
        var (line, body, headers, _) = Assert.Single(server.Requests);
        Assert.Equal("POST /v1/..%2Fx?a=1", line);
        Assert.Equal("""{"deep":{"list":[1]}}""", body);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Equal("t", headers["x-tenant"]);
        Assert.Equal($"api.example.com:{server.Port}", headers["Host"]);
        Assert.DoesNotContain("Accept-Encoding", headers.Keys);
        Assert.DoesNotContain("traceparent", headers.Keys);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(503, true)]
    [InlineData(304, false)]
    public async Task Call_ErrorStatus_ToldWithItsBody(int status, bool isToolFault)
    {
        // arrange
        var body = status == 304 ? "" : new string('x', 5000);
        await using var server = await ToolServer.StartAsync(body, "text/plain", status);
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsError);
        Assert.Equal(isToolFault, result.IsToolFault);
        Assert.Equal(status == 304 ? "The tool answered 304." : $"The tool answered {status}: {new string('x', 2000)}", result.Text);
    }

    [Theory]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5_000_000)]
    public async Task Call_LongAnswer_IsCutWithANote(int characters)
    {
        // arrange
        await using var server = await ToolServer.StartAsync("ä" + new string('x', characters - 2), "text/plain; charset=utf-8");
        using var tools = new TestHttpTools();
        tools.Settings = tools.Settings with { MaxResultBytes = 1024 };

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.False(result.IsError);
        Assert.InRange(Encoding.UTF8.GetByteCount(result.Text), 0, 1024);
        Assert.Equal(characters > 1024, result.Text.EndsWith("[cut: only the first 960 bytes are here]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_EndlessDrip_EndsWithTheCaller()
    {
        // arrange
        var started = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        await using var server = await ToolServer.StartAsync(async context =>
        {
            using var watch = context.RequestAborted.Register(left.SetResult);
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("x");
            await context.Response.Body.FlushAsync();
            started.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var tools = new TestHttpTools();
        using var caller = new CancellationTokenSource();

        // act
        var call = tools.CallAsync(TestHttpTools.Target($"http://api.example.com:{server.Port}/"), cancellationToken: caller.Token);
        await started.Task;
        await caller.CancelAsync();

        // assert
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await left.Task;
    }

    [Fact]
    public async Task Call_CompressedAnswer_RefusedUnread()
    {
        // arrange
        using var bomb = new MemoryStream();
        await using (var zip = new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            await zip.WriteAsync(new byte[50_000_000]);
        }

        await using var server = await ToolServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(bomb.ToArray()).AsTask();
        });
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.Contains("compressed", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_BinaryAnswer_ToldByTypeAndLength()
    {
        // arrange
        await using var server = await ToolServer.StartAsync(context =>
        {
            context.Response.ContentType = "image/png";
            context.Response.ContentLength = 12345;
            return context.Response.Body.WriteAsync(new byte[12345]).AsTask();
        });
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsError);
        Assert.Equal("image/png, 12345 bytes: not text", result.Text);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "E9", "é")]
    [InlineData("text/plain; charset=\"windows-1252\"", "80", "€")]
    [InlineData("application/json; charset=UTF8", "C3A9", "é")]
    [InlineData("text/plain; charset=shift_jis", "93FA", "日")]
    [InlineData("text/plain; charset=utf-16le", "E900", "é")]
    [InlineData("text/plain", "FFFEE900", "é")]
    [InlineData("text/plain", "EFBBBFC3A9", "é")]
    [InlineData("application/json", "C3A9", "é")]
    [InlineData("application/vnd.api+json", "7B7D", "{}")]
    [InlineData(null, "6F6B", "ok")]
    [InlineData("image/png", "", "")]
    public async Task Call_TextOfAnyCharset_IsDecoded(string? type, string hex, string text)
    {
        // arrange
        await using var server = await AnswerBytesAsync(type, Convert.FromHexString(hex));
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.Equal(text, result.Text);
        Assert.False(result.IsError);
    }

    [Theory]
    [InlineData("text/plain", "E9", "not UTF-8")]
    [InlineData("text/plain; charset=utf-8", "E928", "own charset")]
    [InlineData("text/plain; charset=klingon", "41", "not known")]
    [InlineData("text/plain; charset=utf-7", "41", "not known")]
    [InlineData(null, "410042", "binary")]
    public async Task Call_TextThatIsNone_Refused(string? type, string hex, string told)
    {
        // arrange
        await using var server = await AnswerBytesAsync(type, Convert.FromHexString(hex));
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsError);
        Assert.Contains(told, result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_DeepJson_IsText()
    {
        // arrange
        var deep = new string('[', 50_000) + new string(']', 50_000);
        await using var server = await ToolServer.StartAsync(deep);
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.Equal(deep, result.Text);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nbad header s3cr3t\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9 s3cr3t\r\n")]
    [InlineData("")]
    [InlineData("\0\0\0\0")]
    [InlineData("HTTP/1.1 999999 x\r\n\r\n")]
    public async Task Call_Garbage_IsTheToolsFault(string answer)
    {
        // arrange
        await using var server = new RawServer(Encoding.ASCII.GetBytes(answer));
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.DoesNotContain("s3cr3t", result.Text + string.Concat(tools.Logged), StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_HeadersOf17KiB_Refused()
    {
        // arrange
        await using var server = new RawServer(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nx: {new string('x', 17 * 1024)}\r\ncontent-length: 0\r\n\r\n"));
        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{server.Port}/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.Contains("headers", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NobodyListens_IsTheToolsFault()
    {
        // arrange
        int port;
        await using (var server = await ToolServer.StartAsync("x"))
        {
            port = server.Port;
        }

        using var tools = new TestHttpTools();

        // act
        var result = await tools.CallAsync($"http://api.example.com:{port}/");

        // assert
        Assert.True(result.IsToolFault);
        Assert.Equal("The tool cannot be reached.", result.Text);
    }

    [Fact]
    public async Task Call_FuzzedArgumentsAnswersAndUrls_NeverThrows()
    {
        // arrange
        var random = new Random(815);
        await using var server = await AnswerBytesAsync(null, [0x7B, 0xFF]);
        using var tools = new TestHttpTools();
        var (open, closed) = (tools.Settings, new ToolSettings { Network = new ToolNetwork { Schemes = [], Ports = [] } });
        var (origin, path) = ($"http://127.0.0.1:{server.Port}", "/{a}/{b}?c=d");

        // act, assert: most make no request; those whose host is fuzzed may lead nowhere, so that nobody else's port is knocked at
        for (var round = 0; round < 10_000; round++)
        {
            var isOpen = random.Next(2) == 0;
            tools.Settings = isOpen ? open : closed;
            var target = TestHttpTools.Target(isOpen ? $"{origin}/{FuzzText.Mutate(random, path)}" : FuzzText.Mutate(random, origin + path), random.Next(2) == 0 ? "GET" : "POST");
            var result = await tools.CallAsync(target, FuzzText.Arguments(random));
            Assert.NotNull(result.Text);
        }

        Assert.NotEmpty(server.Requests);
    }

    private static Task<ToolServer> AnswerBytesAsync(string? type, byte[] bytes) => ToolServer.StartAsync(context =>
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    });
}
