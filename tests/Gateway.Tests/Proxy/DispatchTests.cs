using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Proxy;

/// <summary>Attempts, fallbacks and what reaches backend and client.</summary>
public sealed class DispatchTests
{
    private const string WithFallback = """, "fallbacks": ["spare"]""";

    [Fact]
    public async Task Chat_OneBackend_RelaysAnswerAndTellsTheDecision()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address));

        using var response = await gateway.PostAsync("""{"messages":[{"role":"user","content":"hi"}],"x_unknown":{"a":1.50}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(FakeDestination.SmallAnswer, await response.Content.ReadAsStringAsync());
        Assert.Equal("general", response.Header("x-router-route"));
        Assert.Equal("main", response.Header("x-router-cluster"));
        Assert.Equal("main-0", response.Header("x-router-destination"));
        Assert.Equal("main-model", response.Header("x-router-model"));
        Assert.StartsWith("default-", response.Header("x-router-outcome"), StringComparison.Ordinal);
        Assert.NotNull(response.Header("x-router-decision-id"));
        Assert.NotNull(response.Header("x-request-id"));
        Assert.Contains("total;dur=", response.Header("server-timing"), StringComparison.Ordinal);
        var (path, body, _) = Assert.Single(backend.Requests);
        Assert.Equal("/v1/chat/completions", path);
        Assert.Equal("""{"model":"main-model","messages":[{"role":"user","content":"hi"}],"x_unknown":{"a":1.50}}""", body);
    }

    [Theory]
    [InlineData("route:code", "/v1/chat/completions", "code", "pinned")]
    [InlineData("other", "/v1/chat/completions", null, "pinned")]
    [InlineData("other-model", "/v1/chat/completions", null, "pinned")]
    [InlineData("auto", "/routes/code/v1/chat/completions", "code", "pinned")]
    [InlineData("auto", "/clusters/other/v1/chat/completions", null, "pinned")]
    public async Task Chat_NamedModel_GoesThere(string model, string path, string? route, string outcome)
    {
        await using var main = await FakeDestination.StartAnsweringAsync();
        await using var other = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(
            GatewayHost.Cluster("main", main.Address) + "," + GatewayHost.Cluster("other", other.Address),
            GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "other"));

        using var response = await gateway.PostAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]}""", path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((route, "other", outcome), (response.Header("x-router-route"), response.Header("x-router-cluster"), response.Header("x-router-outcome")));
        Assert.Single(other.Requests);
        Assert.Empty(main.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    [InlineData("/engine")]
    public async Task Chat_AddressAsPeopleWriteIt_ReachesTheEndpoint(string suffix)
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address + suffix));

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(suffix == "/engine" ? "/engine/v1/chat/completions" : "/v1/chat/completions", Assert.Single(backend.Requests).Path);
    }

    [Fact]
    public async Task Chat_UnknownModel_IsNotFound()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address));

        using var response = await gateway.PostAsync("""{"model":"gpt-9","messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal(("invalid_request_error", "model", "model_not_found"), (error.Type, error.Param, error.Code));
        Assert.Contains("route:general", error.Message, StringComparison.Ordinal);
        Assert.NotNull(response.Header("x-request-id"));
        Assert.Empty(backend.Requests);
    }

    [Fact]
    public async Task Chat_Credentials_AreTheClustersNeverTheClients()
    {
        Environment.SetEnvironmentVariable("DISPATCH_TESTS_KEY", "backend-secret");
        await using var backend = await FakeDestination.StartAsync(static context =>
        {
            context.Response.Headers["x-router-route"] = "theirs";
            context.Response.Headers.SetCookie = "a=b";
            context.Response.ContentType = "application/json";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, FakeDestination.SmallAnswer);
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", backend.Address, """, "credentials": { "env": "DISPATCH_TESTS_KEY" }"""));
        gateway.Client.DefaultRequestHeaders.Add("Authorization", "Bearer client-secret");
        gateway.Client.DefaultRequestHeaders.Add("Cookie", "session=1");
        gateway.Client.DefaultRequestHeaders.Add("x-api-key", "client-secret");
        gateway.Client.DefaultRequestHeaders.Add("x-request-id", "mine-1");

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        var (_, _, headers) = Assert.Single(backend.Requests);
        Assert.Equal("Bearer backend-secret", headers.Authorization.ToString());
        Assert.False(headers.ContainsKey("Cookie"));
        Assert.False(headers.ContainsKey("x-api-key"));
        Assert.False(headers.ContainsKey("X-Forwarded-For"));
        Assert.Equal("general", response.Header("x-router-route"));
        Assert.Null(response.Header("set-cookie"));
        Assert.Equal("mine-1", response.Header("x-request-id"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(404)]
    [InlineData(401)]
    public async Task Chat_FailingCluster_FallbackAnswers(int status)
    {
        await using var failing = await FakeDestination.StartAnsweringAsync("""{"error":{"message":"no","type":"t","param":null,"code":"c"}}""", status);
        await using var spare = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartWithSpareAsync(failing.Address, spare.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("spare", response.Header("x-router-cluster"));
        Assert.Equal("general", response.Header("x-router-route"));
        Assert.Equal(FakeDestination.SmallAnswer, await response.Content.ReadAsStringAsync());
        Assert.Contains("\"spare-model\"", Assert.Single(spare.Requests).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/html", "<html>hello</html>")]
    [InlineData("application/json", "")]
    [InlineData("application/json", "[1]")]
    [InlineData("application/json", """{"choices":[""")]
    [InlineData("application/json", """{"error":{"message":"out of memory"}}""")]
    [InlineData("text/event-stream", "")]
    [InlineData("text/event-stream", ": ping\n\n")]
    [InlineData("text/event-stream", "data: {\"error\":{\"message\":\"x\"}}\n\n")]
    public async Task Chat_UselessOk_FallbackAnswers(string contentType, string body)
    {
        await using var failing = await FakeDestination.StartAsync(async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.BodyWriter.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body));
        });
        await using var spare = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartWithSpareAsync(failing.Address, spare.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(FakeDestination.SmallAnswer, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Chat_DeadDestination_NextOfTheClusterAnswers()
    {
        await using var alive = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(
            $$""" "main": { "model": "m", "destinations": { "a": "{{DeadAddress()}}", "b": "{{alive.Address}}" } } """);

        for (var round = 0; round < 10; round++)
        {
            using var response = await gateway.PostAsync(GatewayHost.Chat());
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("b", response.Header("x-router-destination"));
        }
    }

    [Fact]
    public async Task Chat_NothingIsUp_SaysSoAndWhenToRetry()
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", DeadAddress()));

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("backend_unavailable", (await response.ErrorAsync()).Code);
        Assert.Equal("true", response.Header("x-should-retry"));
        Assert.Equal("1000", response.Header("retry-after-ms"));
        Assert.Equal("main", response.Header("x-router-cluster"));
        Assert.Equal("general", response.Header("x-router-route"));
    }

    [Fact]
    public async Task Chat_ClientError_IsRelayedNotRetried()
    {
        const string body = """{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}""";
        await using var strict = await FakeDestination.StartAnsweringAsync(body, 400);
        await using var spare = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartWithSpareAsync(strict.Address, spare.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        Assert.Empty(spare.Requests);
    }

    [Fact]
    public async Task Chat_LastErrorOfABackend_KeepsItsRetryHeaders()
    {
        await using var busy = await FakeDestination.StartAsync(static context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            context.Response.ContentType = "application/json";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, """{"error":{"message":"slow down","type":"rate_limit_error","param":null,"code":"slow_down"}}""");
        });
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", busy.Address));

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal("7", response.Header("retry-after"));
        Assert.Equal("slow_down", (await response.ErrorAsync()).Code);
    }

    [Fact]
    public async Task Chat_BlackHole_FailsByTheConnectClock()
    {
        // a listener whose queue is full drops further connection requests, as a firewall does
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        var fillers = Enumerable.Range(0, 4).Select(_ =>
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            try
            {
                client.Connect(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                // in progress
            }

            return client;
        }).ToList();
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", $"http://127.0.0.1:{port}", """, "timeouts": { "connect": "200ms" }"""));

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("timeouts.connect", (await response.ErrorAsync()).Message, StringComparison.Ordinal);
        fillers.ForEach(static filler => filler.Dispose());
    }

    [Fact]
    public async Task Route_BatchOfInputs_AnswersInOrderAndDispatchesNothing()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await GatewayHost.StartAsync(
            GatewayHost.Cluster("main", backend.Address),
            GatewayHost.Route("general", "main") + "," + GatewayHost.Route("sql", "main", """, "rules": { "keywords": ["select"] }"""));

        using var response = await gateway.PostAsync("""{"inputs":["hello","select 1","bye"]}""", "/v1/route");
        using var single = await gateway.PostAsync("""{"input":"select 1"}""", "/v1/route");

        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(["general", "sql", "general"], document.RootElement.GetProperty("decisions").EnumerateArray().Select(static decision => decision.GetProperty("route").GetString()));
        using var one = JsonDocument.Parse(await single.Content.ReadAsStringAsync());
        Assert.Equal(("sql", "main", "rule"), (one.RootElement.GetProperty("route").GetString(), one.RootElement.GetProperty("cluster").GetString(), one.RootElement.GetProperty("outcome").GetString()));
        Assert.Equal("rule", single.Header("x-router-outcome"));
        Assert.Empty(backend.Requests);
    }

    internal static string DeadAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}/";
    }

    internal static Task<GatewayHost> StartWithSpareAsync(string main, string spare, string more = "") => GatewayHost.StartAsync(
        GatewayHost.Cluster("main", main, more) + "," + GatewayHost.Cluster("spare", spare),
        GatewayHost.Route("general", "main", WithFallback) + "," + GatewayHost.Route("spare", "spare"));
}
