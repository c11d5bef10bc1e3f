using System.Net;
using System.Text.Json;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Admin;

public sealed class ReceiptEndpointsTests
{
    private static readonly string _routes = GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "other", """, "rules": { "keywords": ["rust"] }""");

    [Fact]
    public async Task Get_AnAnsweredRequest_TheReceiptTellsAllOfIt()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend.Address);

        using var response = await gateway.PostAsync("""{"messages":[{"role":"user","content":"Explain rust"}],"tools":[{"type":"function","function":{"name":"f"}}]}""");
        var receipt = await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));

        Assert.Equal(response.Header("x-router-decision-id"), receipt.GetProperty("id").GetString());
        Assert.Equal(response.Header("x-request-id"), receipt.GetProperty("requestId").GetString());
        Assert.Equal(("rule", "code", 1), (Text(receipt, "outcome"), Text(receipt, "route"), receipt.GetProperty("confidence").GetDouble()));
        Assert.Equal(("other", "other-0", "other-model"), (Text(receipt, "cluster"), Text(receipt, "destination"), Text(receipt, "model")));
        Assert.Equal((200, 1), (receipt.GetProperty("status").GetInt32(), receipt.GetProperty("attempts").GetInt32()));
        Assert.Equal((3, 5), (receipt.GetProperty("tokens").GetProperty("prompt").GetInt32(), receipt.GetProperty("tokens").GetProperty("completion").GetInt32()));
        Assert.True(receipt.GetProperty("signals").GetProperty("hasTools").GetBoolean());
        Assert.False(receipt.GetProperty("signals").GetProperty("hasImages").GetBoolean());
        Assert.Equal((0.5, 0.1), (receipt.GetProperty("thresholds").GetProperty("minConfidence").GetDouble(), receipt.GetProperty("thresholds").GetProperty("minMargin").GetDouble()));
        Assert.Equal(16, receipt.GetProperty("table").GetProperty("version").GetString()!.Length);
        Assert.True(receipt.GetProperty("timings_ms").GetProperty("total").GetDouble() > 0);
        Assert.True(receipt.GetProperty("timings_ms").GetProperty("firstToken").GetDouble() > 0);
        Assert.False(receipt.TryGetProperty("error", out _));
        Assert.InRange(receipt.GetProperty("time").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task Get_AStreamedAnswer_TheReceiptComesAfterIt()
    {
        await using var backend = await FakeDestination.StartStreamingAsync([FakeDestination.RoleDelta, FakeDestination.Delta("hi"), FakeDestination.Finish]);
        await using var gateway = await StartAsync(backend.Address);

        using var response = await gateway.PostAsync(GatewayHost.Chat(more: ""","stream":true"""));
        var receipt = await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));

        Assert.Equal((200, "main-0"), (receipt.GetProperty("status").GetInt32(), Text(receipt, "destination")));
    }

    [Fact]
    public async Task Get_AFailedRequest_TheReceiptSaysHow()
    {
        await using var gateway = await StartAsync("http://127.0.0.1:1");

        using var response = await gateway.PostAsync(GatewayHost.Chat());
        var receipt = await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal((503, "backend_unavailable", "main"), (receipt.GetProperty("status").GetInt32(), Text(receipt, "error"), Text(receipt, "cluster")));
        Assert.Equal(("default-low-confidence", "general"), (Text(receipt, "outcome"), Text(receipt, "route")));
        Assert.Empty(receipt.GetProperty("tokens").EnumerateObject());
    }

    [Fact]
    public async Task List_AClientThatLeft_TheReceiptSaysSo()
    {
        await using var stuck = await FakeDestination.StartAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var gateway = await StartAsync(stuck.Address);
        using var impatience = new CancellationTokenSource();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        using var content = new StringContent(GatewayHost.Chat());
        var request = gateway.Client.PostAsync("/v1/chat/completions", content, impatience.Token);
        while (stuck.Requests.IsEmpty)
        {
            await Task.Delay(10, patience.Token);
        }

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        List<string?> ids;
        do
        {
            await Task.Delay(10, patience.Token);
            ids = await ListAsync(gateway, "");
        }
        while (ids.Count == 0);
        var receipt = await gateway.Client.GetReceiptAsync(ids[0]);

        Assert.Equal((499, "main"), (receipt.GetProperty("status").GetInt32(), Text(receipt, "cluster")));
        Assert.False(receipt.TryGetProperty("error", out _));
    }

    [Theory]
    [InlineData("route:code", "code")]
    [InlineData("other", null)]
    [InlineData("other-model", null)]
    public async Task Get_APinnedRequest_HasOne(string model, string? route)
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend.Address);

        using var response = await gateway.PostAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"hi"}]}""");
        var receipt = await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));

        Assert.Equal(("pinned", route, "other"), (Text(receipt, "outcome"), Text(receipt, "route"), Text(receipt, "cluster")));
        Assert.Equal(16, receipt.GetProperty("table").GetProperty("version").GetString()!.Length);
        Assert.Equal(200, receipt.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task List_Filters_TheNewestThatMatch()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend.Address);
        var ids = new List<string?>();
        foreach (var text in new[] { "hi", "rust", "hello", "more rust" })
        {
            using var response = await gateway.PostAsync(GatewayHost.Chat(text));
            ids.Add(response.Header("x-router-decision-id"));
            await gateway.Client.GetReceiptAsync(ids[^1]);
        }

        Assert.Equal([ids[3], ids[2], ids[1], ids[0]], await ListAsync(gateway, ""));
        Assert.Equal([ids[3], ids[1]], await ListAsync(gateway, "?route=code"));
        Assert.Equal([ids[2], ids[0]], await ListAsync(gateway, "?outcome=default-low-confidence&since=1h"));
        Assert.Equal([ids[3]], await ListAsync(gateway, "?outcome=rule&route=code&limit=1"));
        Assert.Empty(await ListAsync(gateway, "?since=2099-01-01"));
        Assert.Equal("memory", (await gateway.Client.GetJsonAsync("/admin/decisions")).GetProperty("source").GetString());
    }

    [Theory]
    [InlineData("?outcome=clasified", "outcome", "default-overload")]
    [InlineData("?since=yesterday", "since", "15m")]
    [InlineData("?limit=0", "limit", "1 to 1000")]
    [InlineData("?limit=1001", "limit", "1 to 1000")]
    [InlineData("?limit=ten", "limit", "1 to 1000")]
    [InlineData("?route=cod", "route", "did you mean \"code\"?")]
    [InlineData("?outcomes=rule", "outcomes", "outcome, since, limit")]
    [InlineData("?route=code&route=general", "route", "2 times")]
    public async Task List_ABadFilter_SaysWhatIsAllowed(string query, string param, string message)
    {
        await using var gateway = await StartAsync("http://127.0.0.1:1");

        using var response = await gateway.Client.GetAsync("/admin/decisions" + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal(("invalid_request", param), (error.Code, error.Param));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "0 of at most 10000 are kept")]
    [InlineData("\"receipts\": 0", "None are kept")]
    public async Task Get_AnUnknownDecision_SaysHowManyAreKept(string decisions, string message)
    {
        await using var gateway = await StartAsync("http://127.0.0.1:1", decisions);

        using var response = await gateway.Client.GetAsync("/admin/decisions/nobody");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal("decision_not_found", error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ReceiptsAreOff_NothingIsKept()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend.Address, "\"receipts\": 0");

        using var response = await gateway.PostAsync(GatewayHost.Chat());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await ListAsync(gateway, ""));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_KeepText_OnlyThenIsAPromptInIt(bool keepText)
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend.Address, keepText ? "\"keepText\": true" : "");
        foreach (var text in new[] { "the zebra sings", "rust for my zebra" })
        {
            using var response = await gateway.PostAsync(GatewayHost.Chat(text));
            await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));
        }

        var answer = await gateway.Client.GetStringAsync("/admin/decisions");

        Assert.Equal(keepText, answer.Contains("zebra", StringComparison.Ordinal));
        Assert.Equal(keepText, answer.Contains("\"ask\":\"the zebra sings\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Request_Refused_HasNoReceipt()
    {
        await using var gateway = await StartAsync("http://127.0.0.1:1");

        using var bad = await gateway.PostAsync("{");
        using var unknown = await gateway.PostAsync("""{"model":"gpt-9","messages":[{"role":"user","content":"hi"}]}""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (bad.StatusCode, unknown.StatusCode));
        Assert.Empty(await ListAsync(gateway, ""));
    }

    private static Task<GatewayHost> StartAsync(string address, string decisions = "") =>
        GatewayHost.StartAsync(GatewayHost.Cluster("main", address) + "," + GatewayHost.Cluster("other", address), _routes, configure: static options => options.AdminKey = "key", decisions: decisions);

    private static string? Text(JsonElement receipt, string name) => receipt.GetProperty(name).GetString();

    private static async Task<List<string?>> ListAsync(GatewayHost gateway, string query) =>
        [.. (await gateway.Client.GetJsonAsync("/admin/decisions" + query)).GetProperty("decisions").EnumerateArray().Select(static receipt => receipt.GetProperty("id").GetString())];
}
