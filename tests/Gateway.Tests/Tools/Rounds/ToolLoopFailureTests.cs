using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>Streams that break, in the first round or in a later one: the caller is told, and nothing ends as if it were whole.</summary>
public sealed class ToolLoopFailureTests
{
    private const string Fields = """, "tool_selection": {"names": ["weather"]}, "tool_execution": "gateway", "stream": true """;

    private static readonly string _call = Chunk("a", """[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":null}]""");
    private static readonly string _finish = Chunk("a", """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""");

    [Theory]
    [InlineData("data: {\"error\":{\"message\":\"broken\"}}\n\n")]
    [InlineData("event: error\ndata: {\"message\":\"broken\"}\n\n")]
    [InlineData("")]
    public async Task FirstRound_BreaksBeforeItsFirstToken_IsAnErrorStatus(string stream)
    {
        await using var model = await ScriptAsync(stream);
        await using var host = await StartAsync(model);

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Fields));

        Assert.Equal((HttpStatusCode.BadGateway, "backend_failed"), (answer.StatusCode, (await answer.ErrorAsync()).Code));
    }

    [Theory]
    [InlineData(null, "backend_failed")]
    [InlineData("", "backend_failed")]
    [InlineData("data: {\"error\":{\"message\":\"broken\"}}\n\n", "backend_failed")]
    [InlineData("event: error\ndata: {\"message\":\"broken\"}\n\n", "backend_failed")]
    [InlineData("text", "stream_broken")]
    [InlineData("text event: error\ndata: {\"message\":\"broken\"}\n\n", "backend_failed stream_broken")] // as they arrive: together or one after the other
    public async Task LaterRound_Breaks_EndsInAnErrorEventAndAbort(string? second, string codes)
    {
        var text = second?.StartsWith("text", StringComparison.Ordinal) == true ? FakeDestination.Delta("It is") + second["text".Length..].TrimStart() : second;
        await using var model = await ScriptAsync(_call + _finish + "data: [DONE]\n\n", text);
        await using var host = await StartAsync(model);

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Fields), completion: HttpCompletionOption.ResponseHeadersRead);
        var sent = await ReadToTheCutAsync(answer);

        var error = JsonNode.Parse(sent[(sent.LastIndexOf("data: ", StringComparison.Ordinal) + "data: ".Length)..])!;
        Assert.Contains((string)error["error"]!["code"]!, codes, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("\"finish_reason\":\"", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FirstRound_EndsInTheMiddleOfACall_RunsNothing()
    {
        await using var model = await ScriptAsync(_call); // neither finish_reason nor [DONE]
        await using var host = await StartAsync(model);

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Fields), completion: HttpCompletionOption.ResponseHeadersRead);
        var sent = await ReadToTheCutAsync(answer);

        Assert.Contains("stream_broken", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", sent, StringComparison.Ordinal);
        Assert.Single(model.Requests);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Rounds_WithoutDone_AreWholeByTheirFinishReason(string lineEnd)
    {
        var second = FakeDestination.Delta("It is warm.") + Chunk("b", """[{"index":0,"delta":{},"finish_reason":"stop"}]""");
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var model = await ScriptAsync(new[] { _call + _finish, second }.Select(round => round.Replace("\n", lineEnd, StringComparison.Ordinal)).ToArray());
        await using var host = await StartAsync(model, tool.Address);

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Fields));

        var sdk = SdkAnswer.Read(await answer.Content.ReadAsStringAsync());
        Assert.Equal("It is warm.", sdk.Content);
        Assert.Equal(["stop"], sdk.FinishReasons);
        Assert.Single(tool.Requests);
    }

    private static async Task<string> ReadToTheCutAsync(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var read = new MemoryStream();
        await using var body = await answer.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(read)); // a cut stream never ends like a complete one
        return System.Text.Encoding.UTF8.GetString(read.ToArray());
    }

    private static async Task<GatewayHost> StartAsync(FakeDestination model, string tool = "http://127.0.0.1:1")
    {
        var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), tools: LocalNetwork);
        await host.RegisterAsync(HttpTool("weather", tool + "/w"));
        return host;
    }

    /// <summary>A model that streams one text after the other; <c>null</c>, and all behind the last: it fails.</summary>
    private static Task<FakeDestination> ScriptAsync(params string?[] streams)
    {
        var left = new ConcurrentQueue<string?>(streams);
        return FakeDestination.StartAsync(context =>
        {
            if (!left.TryDequeue(out var stream) || stream is null)
            {
                context.Response.StatusCode = 500;
                return Task.CompletedTask;
            }

            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(stream);
        });
    }
}
