using System.Net;
using System.Text;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Endpoints;

public sealed class BadInputTests : IAsyncLifetime
{
    private FakeDestination _backend = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _backend = await FakeDestination.StartAnsweringAsync();
        _gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", _backend.Address), configure: static options => options.MaxRequestBytes = 1024 * 1024);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }

    public static TheoryData<string, byte[], HttpStatusCode, string> Bodies => new()
    {
        { "empty", [], HttpStatusCode.BadRequest, "invalid_json" },
        { "malformed", "{\"messages\":"u8.ToArray(), HttpStatusCode.BadRequest, "invalid_json" },
        { "no messages", "{}"u8.ToArray(), HttpStatusCode.BadRequest, "invalid_request" },
        { "wrong type", "{\"messages\":7}"u8.ToArray(), HttpStatusCode.BadRequest, "invalid_request" },
        { "not UTF-8", [.. "{\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xff, 0xfe, .. "\"}]}"u8], HttpStatusCode.BadRequest, "invalid_json" },
        { "UTF-16", Encoding.Unicode.GetBytes("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"), HttpStatusCode.BadRequest, "invalid_json" },
        { "deep", Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 10_000) + new string(']', 10_000) + "}"), HttpStatusCode.BadRequest, "invalid_json" },
        { "too large", new byte[2 * 1024 * 1024], HttpStatusCode.RequestEntityTooLarge, "payload_too_large" },
    };

    [Theory]
    [MemberData(nameof(Bodies), DisableDiscoveryEnumeration = true)]
    public async Task Chat_BadBody_GetsItsError(string name, byte[] body, HttpStatusCode status, string code)
    {
        foreach (var path in (string[])["/v1/chat/completions", "/v1/route"])
        {
            using var response = await _gateway.PostAsync(body, path);

            Assert.True(status == response.StatusCode, $"{name}: {response.StatusCode}");
            var error = await response.ErrorAsync();
            Assert.Equal(("invalid_request_error", code), (error.Type, error.Code));
            Assert.Equal("false", response.Header("x-should-retry"));
            Assert.NotNull(response.Header("x-request-id"));
        }

        Assert.Empty(_backend.Requests);
    }

    [Fact]
    public async Task Chat_ChunkedBodyOverTheLimit_IsRefused()
    {
        using var content = new StreamContent(new MemoryStream(new byte[2 * 1024 * 1024]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = content };
        request.Headers.TransferEncodingChunked = true;

        using var response = await _gateway.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\\u0000")]
    [InlineData("😀😀😀")]
    [InlineData("<eos><turn|>")]
    public async Task Chat_OddButValidPrompt_Works(string prompt)
    {
        using var response = await _gateway.PostAsync(GatewayHost.Chat(prompt));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Chat_PromptOfNearlyTheLimit_Works()
    {
        using var response = await _gateway.PostAsync(GatewayHost.Chat(new string('a', 1_000_000)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Chat_GzipBody_IsRead()
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(GatewayHost.Chat("zipped")));
        }

        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await _gateway.Client.PostAsync("/v1/chat/completions", content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("zipped", Assert.Single(_backend.Requests).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_GzipBomb_IsRefusedNotUnpacked()
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var block = 0; block < 256; block++)
            {
                await gzip.WriteAsync(new byte[1024 * 1024]);
            }
        }

        using var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await _gateway.Client.PostAsync("/v1/chat/completions", content);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", HttpStatusCode.MethodNotAllowed, "method_not_allowed")]
    [InlineData("GET", "/v1/nothing", HttpStatusCode.NotFound, "unknown_url")]
    [InlineData("POST", "/routes/none/v1/chat/completions", HttpStatusCode.NotFound, "unknown_url")]
    [InlineData("POST", "/routes/general/metrics", HttpStatusCode.NotFound, "unknown_url")]
    [InlineData("GET", "/v1/models/none", HttpStatusCode.NotFound, "model_not_found")]
    public async Task Url_Wrong_GetsItsError(string method, string path, HttpStatusCode status, string code)
    {
        using var response = await _gateway.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, (await response.ErrorAsync()).Code);
    }

    [Fact]
    public async Task Models_List_NamesEverythingAModelMayBe()
    {
        var text = await _gateway.Client.GetStringAsync("/v1/models");

        foreach (var id in (string[])["auto", "route:general", "main", "main-model"])
        {
            Assert.Contains($"\"id\":\"{id}\"", text, StringComparison.Ordinal);
            Assert.Contains(id, await _gateway.Client.GetStringAsync($"/v1/models/{id}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_AfterRequests_CountThem()
    {
        using var _ = await _gateway.PostAsync(GatewayHost.Chat());

        var text = await _gateway.Client.GetStringAsync("/metrics");

        Assert.Contains("# TYPE gateway_requests_total counter", text, StringComparison.Ordinal);
        Assert.Contains("gateway_requests_total{route=\"general\",cluster=\"main\",outcome=\"default-", text, StringComparison.Ordinal);
        Assert.Contains("gen_ai_server_request_duration_seconds_bucket{route=\"general\",cluster=\"main\",le=\"+Inf\"}", text, StringComparison.Ordinal);
        Assert.Contains("gateway_tokens_total{cluster=\"main\",direction=\"output\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_Running_IsAliveAndReady()
    {
        Assert.Contains("alive", await _gateway.Client.GetStringAsync("/healthz"), StringComparison.Ordinal);
        Assert.Contains("\"status\":\"ready\"", await _gateway.Client.GetStringAsync("/readyz"), StringComparison.Ordinal);
    }
}
