using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RouterGateway.Gateway.Tests.Support;

namespace RouterGateway.Gateway.Tests.Clients;

/// <summary>The tool loop of the gateway as users run it: a process of its own, the shipped models, a real HTTP tool.</summary>
public sealed class ToolLoopWithModelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_ShippedModelMustCallATool_TheGatewayRunsItAndTheModelGoesOn(bool streamed)
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("""{"open":true}""");
        await using var gateway = await GatewayProcess.StartAsync(static routes =>
            routes.Replace("\"deadline\": \"250ms\"", "\"deadline\": \"10s\"", StringComparison.Ordinal).Replace("\"clusters\": {", "\"tools\": { \"network\": { \"allow\": [\"127.0.0.1\"] } }, \"clusters\": {", StringComparison.Ordinal));
        using var registered = await PostAsync(gateway, "/v1/tools", $$"""
            {"name":"is_open","description":"Tells whether the shop is open","parameters":{"type":"object","properties":{"day":{"enum":["monday","sunday"]} },"required":["day"],"additionalProperties":false },
            "type":"http","http":{"url":"{{tool.Address}}/open"} }
            """);
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);

        using var answer = await PostAsync(gateway, "/v1/chat/completions", $$"""
            {"model":"auto","stream":{{(streamed ? "true" : "false")}},"max_tokens":40,"temperature":0,"messages":[{"role":"user","content":"Is the shop open on Sunday?"}],
            "tool_selection":"auto","tool_execution":"gateway","tool_choice":"required"}
            """);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        Assert.Equal("is_open", answer.Headers.GetValues("x-router-tools").Single());
        Assert.Contains((string?)JsonNode.Parse(Assert.Single(tool.Requests).Body)!["day"], (string?[])["monday", "sunday"]);
        Assert.DoesNotContain("tool_calls", text, StringComparison.Ordinal);
        if (streamed)
        {
            Assert.Contains(": tool {\"event\":\"finished\"", text, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains((string?)JsonNode.Parse(text)!["choices"]![0]!["finish_reason"], (string?[])["stop", "length"]);
        }
    }

    private static Task<HttpResponseMessage> PostAsync(GatewayProcess gateway, string path, string body)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return gateway.Client.PostAsync(path, content);
    }
}
