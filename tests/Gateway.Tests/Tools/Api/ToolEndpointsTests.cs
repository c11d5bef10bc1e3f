using System.Net;
using RouterGateway.Gateway.Tests.Support;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Api;

/// <summary>/v1/tools of a whole gateway.</summary>
public sealed class ToolEndpointsTests
{
    private const string Declared = """ "declared": { "clock": { "description": "Tells the time", "http": { "url": "https://clock.example.com/now" } } } """;

    [Fact]
    public async Task Register_Renewed_KeepsItsVersionUntilItChanges()
    {
        await using var host = await StartAsync();

        var first = await host.RegisterAsync(Client("weather"), "a");
        var same = await host.RegisterAsync(Client("weather"), "a");
        var changed = await host.JsonAsync(HttpMethod.Put, "/v1/tools/weather", Client("weather", """, "visibility": "shared", "leaseTtl": "5m" """), "a");
        var got = await host.JsonAsync(HttpMethod.Get, "/v1/tools/weather", key: "a");

        Assert.Equal((1, 1, 2), ((int)first["version"]!, (int)same["version"]!, (int)changed["version"]!));
        Assert.Equal(("self", "client", "shared", "5m"), ((string?)got["owner"], (string?)got["type"], (string?)got["visibility"], (string?)got["leaseTtl"]));
        Assert.True((DateTime)got["leaseUntil"]! > TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(2));
        Assert.Equal(WeatherSchema, got["parameters"]!.ToJsonString());
    }

    [Fact]
    public async Task Tools_OfAnotherKey_AreNeitherSeenNorTouched()
    {
        await using var host = await StartAsync(Declared);
        await host.RegisterAsync(HttpTool("secret_door", "https://door.example.com/open"), "a");
        await host.RegisterAsync(HttpTool("weather", "https://internal.example.com/w", """, "visibility": "shared" """), "a");

        var seen = await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "b");
        var anonymous = await host.JsonAsync(HttpMethod.Get, "/v1/tools");
        using var got = await host.SendAsync(HttpMethod.Get, "/v1/tools/secret_door", key: "b");
        using var called = await host.SendAsync(HttpMethod.Post, "/v1/tools/secret_door/call", "{}", "b");
        using var renewed = await host.SendAsync(HttpMethod.Post, "/v1/tools/weather/heartbeat", key: "b");
        using var removed = await host.SendAsync(HttpMethod.Delete, "/v1/tools/weather", key: "b");
        using var removedUnseen = await host.SendAsync(HttpMethod.Delete, "/v1/tools/secret_door", key: "b");
        var own = await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "a");

        Assert.Equal(["clock", "weather"], seen.Names());
        Assert.Equal(["clock", "weather"], anonymous.Names());
        Assert.DoesNotContain("example.com", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.NotFound],
            new[] { got, called, renewed, removed, removedUnseen }.Select(static answer => answer.StatusCode));
        Assert.Contains("there is \"clock\", \"weather\"", (await got.ErrorAsync()).Message, StringComparison.Ordinal);
        Assert.Equal(["clock", "secret_door", "weather"], own.Names());
    }

    [Fact]
    public async Task Tools_OfOneName_EachKeyHasItsOwnAndTheOthersByAnother()
    {
        await using var host = await StartAsync();
        foreach (var key in new[] { "a", "b", "c" })
        {
            await host.RegisterAsync(Client("weather", """, "visibility": "shared" """), key);
        }

        var seen = (await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "b")).Names();
        await host.RegisterAsync(Client("zebra"), "b");
        var later = (await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "b")).Names();

        Assert.Equal(3, seen.Length);
        Assert.Equal("weather", seen[0]);
        Assert.All(seen.Skip(1), static name => Assert.Matches("^weather_[0-9a-f]{6}$", name));
        Assert.Equal(seen, later.Where(static name => name != "zebra"));
        Assert.Equal("self", (string?)(await host.JsonAsync(HttpMethod.Get, "/v1/tools/weather", key: "b"))["owner"]);
    }

    [Fact]
    public async Task Batch_WithFaults_RegistersNothingAndNamesThemAll()
    {
        await using var host = await StartAsync();

        using var refused = await host.SendAsync(HttpMethod.Post, "/v1/tools", $$"""{"tools":[{{Client("good")}},{"name":"a b"},{"name":"x","parmeters":{} },{"name":"y","parameters":{"type":"strin"} },{{Client("good")}},5]}""", "a");
        var listed = await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "a");
        var good = await host.JsonAsync(HttpMethod.Post, "/v1/tools", $$"""{"tools":[{{Client("one")}},{{Client("two")}}]}""", "a");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var (message, _, param, code) = await refused.ErrorAsync();
        Assert.Equal(("invalid_request", "tools[1].name"), (code, param));
        foreach (var part in new[] { "tools[1].name: must be", "tools[2].parmeters: unknown key \"parmeters\"; did you mean \"parameters\"?", "tools[3].parameters: is no usable JSON Schema", "tools[4].name: \"good\" stands there twice", "tools[5]: must be an object" })
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }

        Assert.Empty(listed.Names());
        Assert.Equal(["one", "two"], good.Names());
    }

    [Theory]
    [InlineData("", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("[]", "invalid_request")]
    [InlineData("{}", "invalid_request")]
    [InlineData("""{"tools":[]}""", "invalid_request")]
    [InlineData("""{"name":"\ud800"}""", "invalid_request")]
    [InlineData("""{"\ud800":1}""", "invalid_request")]
    [InlineData("""{"name":"x","type":"mcp","mcp":{"server":"gone","tool":"t"}}""", "invalid_request")]
    [InlineData("""{"name":"x","type":"http","http":{"url":"https://127.0.0.1/"}}""", "invalid_request")]
    [InlineData("""{"name":"x","type":"http","http":{"url":"file:///etc/passwd"}}""", "invalid_request")]
    [InlineData("""{"name":"x","type":"http","http":{"url":"https://x.example/","headers":{"Authorization":{"secret":"nope"}}}}""", "invalid_request")]
    [InlineData("""{"name":"x","type":"stdio","command":"rm"}""", "invalid_request")]
    public async Task Register_BadBody_IsRefused(string body, string code)
    {
        await using var host = await StartAsync();

        using var refused = await host.SendAsync(HttpMethod.Post, "/v1/tools", body);

        Assert.Equal((HttpStatusCode.BadRequest, code), (refused.StatusCode, (await refused.ErrorAsync()).Code));
    }

    [Fact]
    public async Task Register_MoreThanAllowed_IsRefused()
    {
        await using var host = await StartAsync(""" "maxToolsPerKey": 2 """);
        await host.RegisterAsync(Client("one"), "a");
        await host.RegisterAsync(Client("two"), "a");

        using var refused = await host.SendAsync(HttpMethod.Post, "/v1/tools", Client("three"), "a");
        await host.RegisterAsync(Client("two"), "a");
        await host.RegisterAsync(Client("three"), "b");

        Assert.Equal((HttpStatusCode.Conflict, "too_many_tools"), (refused.StatusCode, (await refused.ErrorAsync()).Code));
    }

    [Fact]
    public async Task Register_SharedNameThatIsTaken_LeavesItToWhoHadItFirst()
    {
        await using var host = await StartAsync();
        foreach (var key in new[] { "first", "second", "third", "fourth" }) // digests in no order
        {
            await host.RegisterAsync(Client("weather", $", \"visibility\": \"shared\", \"description\": \"{key}\"".Replace(", \"description\"", ", \"description\"", StringComparison.Ordinal)).Replace("\"description\":\"Tells about weather\",", "", StringComparison.Ordinal), key);
        }

        await host.RegisterAsync(Client("weather", """, "visibility": "shared", "leaseTtl": "9m" """), "first"); // a new version is no new comer

        Assert.Equal("Tells about weather", (string?)(await host.JsonAsync(HttpMethod.Get, "/v1/tools/weather", key: "stranger"))["description"]);
    }

    [Fact]
    public async Task Lease_WithoutHeartbeat_EndsAndWithOneStays()
    {
        await using var host = await StartAsync(""" "leaseTtl": "2s" """);
        await host.RegisterAsync(Client("crashed"), "a");
        await host.RegisterAsync(Client("alive", """, "leaseTtl": "10m" """), "b");

        for (var names = (string[])["crashed"]; names.Length > 0;)
        {
            await host.JsonAsync(HttpMethod.Post, "/v1/tools/alive/heartbeat", key: "b");
            await host.JsonAsync(HttpMethod.Post, "/v1/tools/heartbeat", key: "b");
            names = (await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "a")).Names();
            await Task.Delay(50);
        }

        using var late = await host.SendAsync(HttpMethod.Post, "/v1/tools/crashed/heartbeat", key: "a");
        Assert.Equal(["alive"], (await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "b")).Names());
        Assert.Equal("tool_not_found", (await late.ErrorAsync()).Code);
    }

    [Fact]
    public async Task Call_OfAToolThatItsCallerRuns_IsRefused()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(Client("weather"));

        using var refused = await host.SendAsync(HttpMethod.Post, "/v1/tools/weather/call", "{}");

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Remove_OwnTool_IsGone()
    {
        await using var host = await StartAsync();
        await host.RegisterAsync(Client("weather"), "a");

        using var removed = await host.SendAsync(HttpMethod.Delete, "/v1/tools/weather", key: "a");
        using var again = await host.SendAsync(HttpMethod.Delete, "/v1/tools/weather", key: "a");

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (removed.StatusCode, again.StatusCode));
    }

    [Fact]
    public async Task Search_GivesScoresOfWhatTheCallerMayUse()
    {
        await using var host = await StartAsync(""" "deny": ["weather_forbidden"] """);
        await host.RegisterAsync($$"""{"tools":[{{Client("weather")}},{{Client("weather_forbidden")}},{{Client("stocks")}}]}""", "a");

        var found = await host.JsonAsync(HttpMethod.Post, "/v1/tools/search", """{"query":"what is the weather like","top":1}""", "a");
        using var refused = await host.SendAsync(HttpMethod.Post, "/v1/tools/search", """{"query":"x","top":0}""", "a");

        Assert.Equal(["weather"], found.Names());
        Assert.True((double)found["tools"]![0]!["score"]! > 0);
        Assert.Equal("top", (await refused.ErrorAsync()).Param);
    }

    [Fact]
    public async Task Reload_OfDeclaredTools_IsSeen()
    {
        await using var host = await StartAsync(Declared);
        Assert.Equal(["clock"], (await host.JsonAsync(HttpMethod.Get, "/v1/tools")).Names());

        await File.WriteAllTextAsync(host.RoutesFile, (await File.ReadAllTextAsync(host.RoutesFile)).Replace("\"clock\"", "\"watch\"", StringComparison.Ordinal));

        while (!(await host.JsonAsync(HttpMethod.Get, "/v1/tools")).Names().SequenceEqual(["watch"]))
        {
            await Task.Delay(50);
        }
    }

    private static Task<GatewayHost> StartAsync(string tools = "") => GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), tools: tools);
}
