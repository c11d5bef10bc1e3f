using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Tests;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Execution;

/// <summary>Time-outs, deadline and breaker by a clock that stands still until it is moved.</summary>
public sealed class ToolClockTests
{
    private const string Oslo = """{"city":"Oslo"}""";
    private const string Clocks = LocalNetwork + """, "timeout": "20s", "deadline": "50s" """;

    private static readonly TimeSpan _bound = TimeSpan.FromSeconds(60); // only so that a broken test ends

    [Fact]
    public async Task Call_OfAToolThatNeverAnswers_EndsAtItsTimeout()
    {
        var clock = new ManualTimeProvider();
        await using var tool = await HangingTool.StartAsync();
        await using var host = await StartAsync(clock, "http://127.0.0.1:1", tool.Destination);

        var call = host.JsonAsync(HttpMethod.Post, "/v1/tools/weather/call", Oslo);
        await tool.AskedAsync(1).WaitAsync(_bound);
        clock.Advance(TimeSpan.FromSeconds(19));
        Assert.False(tool.Destination.Dropped.Task.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        var result = await call.WaitAsync(_bound);
        Assert.True((bool?)result["is_error"]);
        Assert.Contains("did not answer within 20 s", (string?)result["content"], StringComparison.Ordinal);
        await tool.Destination.Dropped.Task.WaitAsync(_bound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_PastItsDeadline_HasTheModelAnswerWithoutTools(bool streamed)
    {
        var clock = new ManualTimeProvider();
        await using var tool = await HangingTool.StartAsync();
        var left = new ConcurrentQueue<string>(Enumerable.Repeat(streamed
            ? Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]""") + "data: [DONE]\n\n"
            : Calls(("call_1", "weather", Oslo)), 3).Append(streamed ? FakeDestination.Delta("hello") + FakeDestination.Finish : FakeDestination.SmallAnswer));
        await using var model = await FakeDestination.StartAsync(context =>
        {
            context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
            return context.Response.WriteAsync(left.TryDequeue(out var next) ? next : "");
        });
        await using var host = await StartAsync(clock, model.Address, tool.Destination);

        var posted = host.PostAsync(GatewayHost.Chat("?", """, "tool_selection": {"names": ["weather"]}, "tool_execution": "gateway" """ + (streamed ? ", \"stream\": true" : "")));
        for (var round = 1; round <= 3; round++) // 20 s each to their time-out, and 10 to the deadline
        {
            await tool.AskedAsync(round).WaitAsync(_bound);
            clock.Advance(TimeSpan.FromSeconds(round == 3 ? 10 : 20));
        }

        using var answer = await posted.WaitAsync(_bound);
        Assert.Contains("hello", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var last = JsonNode.Parse(model.Requests.Last().Body)!;
        Assert.Equal((4, "none"), (model.Requests.Count, (string?)last["tool_choice"]));
        var results = last["messages"]!.AsArray().Where(static message => (string?)message!["role"] == "tool").Select(static message => (string)message!["content"]!).ToArray();
        Assert.Equal(3, results.Length);
        Assert.Contains("did not answer within 20 s", results[1], StringComparison.Ordinal);
        Assert.Contains("time for this request's tools is used up", results[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breaker_AfterFailures_OpensHalfOpensAndCloses()
    {
        var clock = new ManualTimeProvider();
        var status = 500;
        await using var tool = await FakeDestination.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("1");
        });
        await using var host = await StartAsync(clock, "http://127.0.0.1:1", tool);
        for (var i = 0; i < 5; i++)
        {
            Assert.Contains("500", await CallAsync(host), StringComparison.Ordinal);
        }

        Assert.Contains("several times in a row", await CallAsync(host), StringComparison.Ordinal); // open
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("500", await CallAsync(host), StringComparison.Ordinal); // half open: one tries, and fails
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("several times in a row", await CallAsync(host), StringComparison.Ordinal); // for twice as long
        clock.Advance(TimeSpan.FromSeconds(10));
        status = 200;
        Assert.Equal("1", await CallAsync(host));
        status = 500;
        Assert.Contains("500", await CallAsync(host), StringComparison.Ordinal); // closed: one failure is none
        Assert.Contains("500", await CallAsync(host), StringComparison.Ordinal);
        Assert.Equal(9, tool.Requests.Count);
    }

    [Fact]
    public async Task Breaker_FaultsOfArguments_DoNotOpenIt()
    {
        var clock = new ManualTimeProvider();
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var host = await StartAsync(clock, "http://127.0.0.1:1", tool);
        for (var i = 0; i < 20; i++)
        {
            await host.JsonAsync(HttpMethod.Post, "/v1/tools/weather/call", """{"city":5}""");
        }

        Assert.Equal("1", await CallAsync(host));
    }

    private static async Task<string?> CallAsync(GatewayHost host) => (string?)(await host.JsonAsync(HttpMethod.Post, "/v1/tools/weather/call", Oslo))["content"];

    private static async Task<GatewayHost> StartAsync(TimeProvider clock, string model, FakeDestination tool)
    {
        var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model), services: services => services.AddSingleton(clock), tools: Clocks);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w", """, "leaseTtl": "1h" """));
        return host;
    }
}
