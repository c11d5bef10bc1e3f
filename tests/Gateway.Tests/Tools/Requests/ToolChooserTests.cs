using System.Net;
using System.Text.Json.Nodes;
using RouterGateway.Gateway.Tests.Support;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Requests;

/// <summary>Which tools a request is given: its own as they came, and registered ones behind them.</summary>
public sealed class ToolChooserTests
{
    private const string Own = """[ {"type":"function", "function":{"name":"mine","parameters":{"type":"object","x-unknown":1e2}}} ]""";

    [Theory]
    [InlineData("")]
    [InlineData(""", "tool_selection": "none" """)]
    [InlineData(""", "tool_selection": {"top": 0}, "tool_execution": "client" """)]
    [InlineData(""", "tool_selection": "auto", "tool_choice": "none" """)]
    [InlineData(""", "tool_selection": "auto", "tool_choice": {"type":"function","function":{"name":"mine"}} """)]
    public async Task Chat_NothingToAdd_LeavesTheCallersToolsByteForByte(string fields)
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model);
        await host.RegisterAsync(Client("weather"));

        using var answer = await host.PostAsync($$"""{"messages":[{"role":"user","content":"weather?"}],"tools":{{Own}}{{fields}},"seed" : 7}""");

        var sent = Assert.Single(model.Requests).Body;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains($"\"tools\":{Own}", sent, StringComparison.Ordinal);
        Assert.Contains("\"seed\" : 7", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("tool_selection", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("tool_execution", sent, StringComparison.Ordinal);
        Assert.Equal("main-model", (string?)JsonNode.Parse(sent)!["model"]);
        Assert.Null(answer.Header("x-router-tools"));
    }

    [Theory]
    [InlineData(""", "tools": [ {"type":"function", "function":{"name":"mine","parameters":{"type":"object","x-unknown":1e2}}} ]""", new[] { "mine", "weather" })]
    [InlineData(""", "tools": []""", new[] { "weather" })]
    [InlineData(""", "tools": null""", new[] { "weather" })]
    [InlineData("", new[] { "weather" })]
    [InlineData(""", "tools": [{"type":"function","function":{"name":"weather","description":"own"}}]""", new[] { "weather" })]
    public async Task Chat_Selection_AddsBehindTheCallersOwn(string tools, string[] expected)
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model);
        await host.RegisterAsync(Client("weather"));

        using var answer = await host.PostAsync($$"""{"tool_selection": "auto", "messages":[{"role":"user","content":"what is the weather?"}]{{tools}}}""");

        var sent = JsonNode.Parse(Assert.Single(model.Requests).Body)!;
        Assert.Equal(expected, sent["tools"]!.AsArray().Select(static tool => (string?)tool!["function"]!["name"]));
        if (tools.Contains("\"own\"", StringComparison.Ordinal))
        {
            Assert.Equal("own", (string?)sent["tools"]![0]!["function"]!["description"]);
        }
    }

    [Fact]
    public async Task Chat_ToolChoiceNamesARegisteredTool_OffersIt()
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model);
        await host.RegisterAsync($$"""{"tools":[{{Client("weather")}},{{Client("stocks")}}]}""");

        using var answer = await host.PostAsync(GatewayHost.Chat("weather?", """, "tool_selection": "auto", "tool_choice": {"type":"function","function":{"name":"stocks"}} """));

        Assert.Equal("stocks", answer.Header("x-router-tools"));
    }

    [Fact]
    public async Task Chat_RouteSelects_WithoutBeingAsked()
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model, """, "tools": { "select": 1, "deny": ["stocks*"] }""");
        await host.RegisterAsync($$"""{"tools":[{{Client("weather")}},{{Client("stocks_weather")}}]}""");

        using var answer = await host.PostAsync("""{"model":"route:general","messages":[{"role":"user","content":"what is the weather?"}]}""");
        using var declined = await host.PostAsync(GatewayHost.Chat("what is the weather?", """, "tool_selection": "none" """));
        using var denied = await host.PostAsync(GatewayHost.Chat("x", """, "tool_selection": {"names": ["stocks_weather"]} """));

        Assert.Equal("weather", answer.Header("x-router-tools"));
        Assert.Null(declined.Header("x-router-tools"));
        Assert.Equal((HttpStatusCode.BadRequest, "tool_selection.names"), (denied.StatusCode, (await denied.ErrorAsync()).Param));
    }

    [Fact]
    public async Task Chat_KeyWithSettings_HasItsOwnDefaultsAndLists()
    {
        Environment.SetEnvironmentVariable("TOOL_CHOOSER_TEST_KEY", "team-a");
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model, tools: """ "keys": [ { "key": { "env": "TOOL_CHOOSER_TEST_KEY" }, "select": 2, "allow": ["weather", "news"] } ] """);
        await host.RegisterAsync($$"""{"tools":[{{Client("weather", ", \"visibility\": \"shared\"")}},{{Client("stocks", ", \"visibility\": \"shared\"")}}]}""", "owner");

        using var ofKey = await host.SendAsync(HttpMethod.Post, "/v1/chat/completions", GatewayHost.Chat("weather and stocks"), "team-a");
        using var other = await host.SendAsync(HttpMethod.Post, "/v1/chat/completions", GatewayHost.Chat("weather and stocks"), "team-b");
        var listed = await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: "team-a");

        Assert.Equal("weather", ofKey.Header("x-router-tools"));
        Assert.Null(other.Header("x-router-tools"));
        Assert.Equal(["weather"], listed.Names());
    }

    [Theory]
    [InlineData(""" "tool_selection": "all" """, "tool_selection")]
    [InlineData(""" "tool_selection": {"top": -1} """, "tool_selection.top")]
    [InlineData(""" "tool_selection": {"top": 1.5} """, "tool_selection.top")]
    [InlineData(""" "tool_selection": {"names": "x"} """, "tool_selection.names")]
    [InlineData(""" "tool_selection": {"names": ["\ud800"]} """, "tool_selection")]
    [InlineData(""" "tool_selection": {"nmaes": []} """, "tool_selection")]
    [InlineData(""" "tool_selection": {"names": ["nope"]} """, "tool_selection.names")]
    [InlineData(""" "tool_execution": true """, "tool_execution")]
    [InlineData(""" "tool_execution": {"max_rounds": 0} """, "tool_execution.max_rounds")]
    [InlineData(""" "tool_execution": "gateway", "n": 2 """, "n")]
    [InlineData(""" "tool_execution": "gateway", "tool_execution": "client" """, "tool_execution")]
    public async Task Chat_BadFields_AreRefusedByName(string fields, string param)
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await StartAsync(model);

        using var answer = await host.PostAsync($$"""{"messages":[{"role":"user","content":"x"}], {{fields}} }""");

        Assert.Equal((HttpStatusCode.BadRequest, param), (answer.StatusCode, (await answer.ErrorAsync()).Param));
        Assert.Empty(model.Requests);
    }

    private static Task<GatewayHost> StartAsync(FakeDestination model, string route = "", string tools = "") =>
        GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), GatewayHost.Route("general", "main", route), tools: tools);
}
