using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using ModelContextProtocol.Client;
using OpenAI;
using OpenAI.Chat;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tests.Tools;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>The NuGet packages OpenAI and ModelContextProtocol.Core with the gateway's tools, as docs/frameworks.md shows them.</summary>
public sealed class FrameworkNuGetTests
{
    private const string Weather = "21 degrees";

    [Fact]
    public async Task Mcp_ToolsAsFunctions_AreCalledByALoopOfTheCaller()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync(Weather);
        await using var model = await ScriptAsync(Calls(("call_1", "get_weather", """{"city":"Bergen"}""")), Text("It rains."));
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), tools: LocalNetwork);
        var (gateway, key) = (host.Address, "team-a");
        await host.RegisterAsync(HttpTool("get_weather", tool.Address + "/weather"), key);

        var chat = new ChatClient("auto", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(gateway, "/v1") });
        await using var mcp = await McpClient.CreateAsync(new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(gateway, "/mcp"),
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
        }));

        var tools = (await mcp.ListToolsAsync()).ToDictionary(tool => tool.Name); // each is an AIFunction
        var options = new ChatCompletionOptions();
        foreach (var function in tools.Values)
        {
            options.Tools.Add(ChatTool.CreateFunctionTool(function.Name, function.Description, BinaryData.FromString(function.JsonSchema.GetRawText())));
        }

        List<ChatMessage> messages = [new UserChatMessage("How is the weather in Bergen?")];
        ChatCompletion answer = await chat.CompleteChatAsync(messages, options);
        while (answer.FinishReason == ChatFinishReason.ToolCalls)
        {
            messages.Add(new AssistantChatMessage(answer));
            foreach (var call in answer.ToolCalls)
            {
                var arguments = call.FunctionArguments.ToObjectFromJson<Dictionary<string, object?>>();
                var result = await tools[call.FunctionName].InvokeAsync(new(arguments));
                messages.Add(new ToolChatMessage(call.Id, $"{result}"));
            }

            answer = await chat.CompleteChatAsync(messages, options);
        }

        Assert.Equal("It rains.", answer.Content[0].Text);
        Assert.Equal("""{"city":"Bergen"}""", Assert.Single(tool.Requests).Body);
        Assert.Equal(Weather, (string?)JsonNode.Parse(model.Requests.Last().Body)!["messages"]![2]!["content"]);
    }

    [Fact]
    public async Task OpenAI_ToolExecutionAsExtraField_StreamsOneAnswer()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync(Weather);
        await using var model = await ScriptAsync(CallStream("get_weather", "Hamar"), TextStream("It ", "snows."));
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), tools: LocalNetwork);
        var (gateway, key) = (host.Address, "team-a");
        await host.RegisterAsync(HttpTool("get_weather", tool.Address + "/weather"), key);
        var text = new StringBuilder();

        var chat = new ChatClient("auto", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(gateway, "/v1") });
        var options = new ChatCompletionOptions();
#pragma warning disable SCME0001 // fields that the package does not know
        options.Patch.Set("$.tool_selection"u8, "auto");
        options.Patch.Set("$.tool_execution"u8, "gateway");
#pragma warning restore SCME0001
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("How is the weather in Hamar?")], options))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
        }

        Assert.Equal("It snows.", text.ToString());
        Assert.Equal("""{"city":"Hamar"}""", Assert.Single(tool.Requests).Body);
    }
}
