using System.Net;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Admin;

public sealed class ReplayEndpointTests
{
    private const string Path = "/admin/decisions/replay";

    [Fact]
    public async Task Replay_ACandidateWithARuleMore_ShowsWhatMoves()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        var cluster = GatewayHost.Cluster("main", backend.Address);
        await using var gateway = await GatewayHost.StartAsync(cluster, GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "main"), configure: static options => options.AdminKey = "key", decisions: "\"keepText\": true");
        foreach (var body in new[] { GatewayHost.Chat("please sing a song"), GatewayHost.Chat("hello"), """{"model":"route:code","messages":[{"role":"user","content":"a song"}]}""" })
        {
            using var response = await gateway.PostAsync(body);
            await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));
        }

        var candidate = "// a comment\n" + GatewayHost.RoutesJson(cluster, GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "main", """, "rules": { "keywords": ["song"] }"""));
        var result = await gateway.Client.PostJsonAsync(Path, candidate);

        Assert.Equal((2, 1), (result.GetProperty("replayed").GetInt32(), result.GetProperty("changed").GetInt32()));
        Assert.Equal("""{"pinned":1,"session":0,"undecided":0,"withoutText":0}""", result.GetProperty("skipped").GetRawText());
        Assert.Equal("""[{"from":"general","to":"code","count":1}]""", result.GetProperty("moves").GetRawText());
        var change = Assert.Single(result.GetProperty("changes").EnumerateArray());
        Assert.Equal("""{"route":"general","outcome":"default-low-confidence","confidence":0}""", change.GetProperty("from").GetRawText());
        Assert.Equal("""{"route":"code","outcome":"rule","confidence":1}""", change.GetProperty("to").GetRawText());
        Assert.Equal("memory", result.GetProperty("source").GetString());
        using var again = await gateway.PostAsync(GatewayHost.Chat("please sing a song"));
        Assert.Equal("general", again.Header("x-router-route")); // the candidate does not run
        Assert.Equal(1, (await gateway.Client.PostJsonAsync(Path + "?outcome=pinned", candidate)).GetProperty("skipped").GetProperty("pinned").GetInt32());
    }

    [Fact]
    public async Task Replay_TextIsNotKept_SaysWhatToSet()
    {
        await using var gateway = await StartAsync("");

        using var response = await gateway.Client.PostTextAsync(Path, "{}");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal("text_not_kept", error.Code);
        Assert.Contains("decisions.keepText", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"clusters\": {},\n  \"routes\": [] }", "2 faults", "routes.json:1:1: router: is missing", "routes.json:2:13: ")]
    [InlineData("{ \"router\" 5 }", "a fault", "routes.json:1:12: is not JSON")]
    [InlineData("", "a fault", "routes.json:1:1: is empty")]
    public async Task Replay_AFaultyCandidate_EveryFaultWithItsPlace(string candidate, params string[] messages)
    {
        await using var gateway = await StartAsync("\"keepText\": true");

        using var response = await gateway.Client.PostTextAsync(Path, candidate);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = await response.ErrorAsync();
        Assert.Equal("invalid_routes_file", error.Code);
        Assert.All(messages, message => Assert.Contains(message, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("?limit=10001", "1 to 10000")]
    [InlineData("?changes=-1", "0 to 1000")]
    [InlineData("?top=1", "changes")]
    [InlineData("?route=generl", "did you mean \"general\"?")]
    public async Task Replay_ABadFilter_SaysWhatIsAllowed(string query, string message)
    {
        await using var gateway = await StartAsync("\"keepText\": true");

        using var response = await gateway.Client.PostTextAsync(Path + query, GatewayHost.RoutesJson(GatewayHost.Cluster("main", "http://127.0.0.1:1")));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(message, (await response.ErrorAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_ShippedRoutesAndModels_MovesWhatTheCandidateTakes()
    {
        await using var gateway = await GatewayProcess.StartAsync(static routes => routes
            .Replace("\"250ms\"", "\"60s\"", StringComparison.Ordinal)
            .Replace("\"clusters\": {", "\"decisions\": { \"keepText\": true },\n  \"clusters\": {", StringComparison.Ordinal), adminKey: "key");
        foreach (var text in new[] { "Write a Python function that reverses a list.", "Tom has 3 boxes with 12 eggs each. How many eggs are left?" })
        {
            using var response = await gateway.Client.PostTextAsync("/v1/chat/completions", GatewayHost.Chat(text, ",\"max_tokens\":2"));
            await gateway.Client.GetReceiptAsync(response.Header("x-router-decision-id"));
        }

        var running = await File.ReadAllTextAsync(gateway.RoutesFile);
        var same = await gateway.Client.PostJsonAsync(Path, running);
        var moved = await gateway.Client.PostJsonAsync(Path, running.Replace("\"id\": \"reasoning\",", "\"id\": \"reasoning\", \"rules\": { \"keywords\": [\"python\"] },", StringComparison.Ordinal));

        Assert.Equal((2, 0), (same.GetProperty("replayed").GetInt32(), same.GetProperty("changed").GetInt32()));
        Assert.Equal("""[{"from":"coding","to":"reasoning","count":1}]""", moved.GetProperty("moves").GetRawText());
        var table = (await gateway.Client.GetJsonAsync("/admin/decisions?limit=1")).GetProperty("decisions")[0].GetProperty("table");
        Assert.Equal(table.GetProperty("routingHash").GetString(), same.GetProperty("candidate").GetProperty("routingHash").GetString());
        Assert.NotEqual(table.GetProperty("routingHash").GetString(), moved.GetProperty("candidate").GetProperty("routingHash").GetString());

        var (exitCode, output, errors) = await GatewayProcess.RunAsync("key", ["cache", "flush", "--route", "codng", "--url", gateway.Address.ToString()]);
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("did you mean \"coding\"?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decisions_TextIsKeptAndNoKeyIsSet_AreShownToNobody()
    {
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), decisions: "\"keepText\": true");

        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var response = await gateway.Client.SendAsync(new HttpRequestMessage(method, method == HttpMethod.Get ? "/admin/decisions" : Path));

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains("ROUTERGATEWAY_ADMIN_KEY", (await response.ErrorAsync()).Message, StringComparison.Ordinal);
        }
    }

    private static Task<GatewayHost> StartAsync(string decisions) => GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), configure: static options => options.AdminKey = "key", decisions: decisions);
}
