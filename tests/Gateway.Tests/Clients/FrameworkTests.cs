using System.Text.Json.Nodes;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tests.Tools;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>Agent frameworks of npm as docs/frameworks.md shows them: with tools of their own, with those of <c>/mcp</c>, with a gateway that runs them, and with both.</summary>
public sealed class FrameworkTests
{
    private const string Key = "team-a";
    private const string Weather = "21 degrees";

    [Theory]
    [InlineData("langchain.mjs")]
    [InlineData("ai-sdk.mjs")]
    [InlineData("openai-agents.mjs")]
    public async Task Agent_OwnMcpAndGatewayTools_CallsThemAndPrintsTheText(string script)
    {
        await using var tool = await FakeDestination.StartAnsweringAsync(Weather);
        await using var model = await ScriptAsync(
            CallStream("get_time", "Oslo"), TextStream("It is ", "noon."),
            Calls(("call_2", "get_weather", """{"city":"Bergen"}""")), Text("It rains."),
            CallStream("get_weather", "Hamar"), TextStream("It ", "snows."),
            Calls(("call_4", "get_time", """{"city":"Voss"}"""), ("call_5", "get_weather", """{"city":"Voss"}""")), Text("Noon, and dry."));
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("get_weather", tool.Address + "/weather"), Key);

        var printed = await RunAsync(script, host);

        Assert.Equal("It is noon.\nIt rains.\nIt snows.\nNoon, and dry.\n", printed);
        Assert.Equal(["Bergen", "Hamar", "Voss"], tool.Requests.Select(static request => (string?)JsonNode.Parse(request.Body)!["city"]));
        var asked = model.Requests.Select(static request => JsonNode.Parse(request.Body)!).ToArray();
        Assert.Equal(["", "12:00 in Oslo", "", Weather, "", Weather, "", $"{Weather}, 12:00 in Voss"], asked.Select(Results)); // what the gateway ran comes back in a turn of its own, before the caller's
        Assert.Equal(["get_time", "get_time", "get_weather", "get_weather", "get_weather", "get_weather", "get_time, get_weather", "get_time, get_weather"], asked.Select(Offered));
    }

    [Fact]
    public async Task OpenAI_RegisteredByFetch_OwnAndGatewayTools_AnswersWholeAndStreamed()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync(Weather);
        await using var model = await ScriptAsync(
            CallStream("get_time", "Oslo"), TextStream("It is ", "noon."),
            Calls(("call_2", "get_weather", """{"city":"Bergen"}""")), Text("It rains."),
            CallStream("get_weather", "Hamar"), TextStream("It ", "snows."));
        await using var host = await StartAsync(model);

        var printed = await RunAsync("openai-tools.mjs", host, tool.Address + "/weather");

        Assert.Equal("200\nIt is noon.\nIt rains.\nIt snows.\n", printed);
        Assert.Equal(["Bergen", "Hamar"], tool.Requests.Select(static request => (string?)JsonNode.Parse(request.Body)!["city"]));
        Assert.Equal(["", "12:00 in Oslo", "", Weather, "", Weather], model.Requests.Select(static request => Results(JsonNode.Parse(request.Body)!)));
    }

    private static Task<GatewayHost> StartAsync(FakeDestination model) => GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), tools: LocalNetwork);

    private static async Task<string> RunAsync(string script, GatewayHost host, params string[] arguments)
    {
        var (exitCode, output, errors) = await NodeClients.RunAsync(script, [host.Address.GetLeftPart(UriPartial.Authority), Key, .. arguments]);
        Assert.True(exitCode == 0, errors);
        return output;
    }

    /// <summary>What the tools said, in the order of the calls.</summary>
    private static string Results(JsonNode asked)
    {
        var messages = asked["messages"]!.AsArray();
        var results = messages.Where(static message => (string?)message!["role"] == "tool").ToDictionary(static message => (string)message!["tool_call_id"]!, static message => ResultText((string)message!["content"]!));
        return string.Join(", ", messages.SelectMany(static message => message!["tool_calls"]?.AsArray() ?? []).Select(call => results[(string)call!["id"]!]));
    }

    /// <summary>The AI SDK passes the blocks of an MCP result on as JSON.</summary>
    private static string ResultText(string content) => content.StartsWith('[') ? (string)JsonNode.Parse(content)![0]!["text"]! : content;

    private static string Offered(JsonNode asked) => string.Join(", ", asked["tools"]!.AsArray().Select(static tool => (string?)tool!["function"]!["name"]));
}
