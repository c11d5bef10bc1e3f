using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Tests.Redis;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>Many requests at once whose clients leave whenever they like, and tools that are slow, fail or hang: nothing is left behind.</summary>
public sealed class ToolLoopSoakTests
{
    private static readonly string[] _tools = ["fine", "slow", "failing", "hanging"];

    private int _running; // at tools and models, now
    private int _asked; // of tools, ever

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Requests_WhoseClientsLeaveAtAnyPhase_LeaveNothingRunning(int seed)
    {
        await using var tool = await FakeDestination.StartAsync(context => CountedAsync(() => RunToolAsync(context)));
        await using var model = await FakeDestination.StartAsync(context => CountedAsync(() => AnswerAsync(context)));
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), tools: LocalNetwork + """, "timeout": "300ms" """);
        await host.RegisterAsync($$"""{"tools":[{{string.Join(',', _tools.Select(name => HttpTool(name, $"{tool.Address}/{name}")))}}]}""");
        var random = new Random(seed);
        var plans = Enumerable.Range(0, 40).Select(i => (Leaves: i % 2 == 0, Phase: random.Next(4), Streamed: random.Next(2) == 0, Tool: _tools[random.Next(_tools.Length)])).ToArray();

        var ended = await Task.WhenAll(plans.Select(plan => AskAsync(host, plan.Streamed, plan.Tool, plan.Leaves ? plan.Phase : null)));

        Assert.All(ended.Zip(plans).Where(static one => !one.Second.Leaves), static one => Assert.Equal(HttpStatusCode.OK, one.First));
        await Eventually.TrueAsync(() => Volatile.Read(ref _running) == 0, "tools and models are left alone");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(host, streamed: false, "fine", leaveAt: null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(host, streamed: true, "fine", leaveAt: null));
    }

    /// <summary>Asks for a tool; leaves at once, when the answer begins, in the middle of it, or when some tool was asked next.</summary>
    private async Task<HttpStatusCode> AskAsync(GatewayHost host, bool streamed, string tool, int? leaveAt)
    {
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(GatewayHost.Chat(tool, $$""", "tool_selection": {"names": ["{{tool}}"]}, "tool_execution": "gateway" {{(streamed ? ", \"stream\": true" : "")}} """)),
        };
        try
        {
            var before = Volatile.Read(ref _asked);
            var sent = host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            if (leaveAt == 0)
            {
                await leaving.CancelAsync();
            }
            else if (leaveAt == 1)
            {
                await Eventually.TrueAsync(() => sent.IsCompleted || Volatile.Read(ref _asked) > before, "a tool is asked");
                await leaving.CancelAsync();
            }

            using var answer = await sent;
            await using var body = await answer.Content.ReadAsStreamAsync(leaving.Token);
            if (leaveAt == 3)
            {
                await body.ReadAtLeastAsync(new byte[16], 16, throwOnEndOfStream: false, leaving.Token);
            }

            if (leaveAt is null)
            {
                using var reader = new StreamReader(body);
                var text = await reader.ReadToEndAsync(leaving.Token);
                Assert.Contains("done", streamed ? SdkAnswer.Read(text).Content : (string?)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"], StringComparison.Ordinal);
            }

            return answer.StatusCode; // who leaves closes its connection here
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            return default;
        }
    }

    private async Task CountedAsync(Func<Task> answer)
    {
        Interlocked.Increment(ref _running);
        try
        {
            await answer();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task RunToolAsync(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        switch (context.Request.Path.Value)
        {
            case "/slow":
                await Task.Delay(100, context.RequestAborted); // what "slow" means; nothing is measured by it
                break;
            case "/hanging":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "/failing":
                context.Response.StatusCode = 500;
                break;
            default:
                break;
        }

        await context.Response.WriteAsync("1");
    }

    // calls the tool that the request offers until it has two results; streams in small pieces
    private static async Task AnswerAsync(HttpContext context)
    {
        var body = JsonNode.Parse(FakeDestination.BodyOf(context))!;
        var tool = (string?)body["tools"]?[0]?["function"]!["name"];
        var isLast = tool is null || body["messages"]!.AsArray().Count(static message => (string?)message!["role"] == "tool") == 2;
        if ((bool?)body["stream"] is not true)
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(isLast ? FakeDestination.SmallAnswer.Replace("hello", "done", StringComparison.Ordinal) : Calls(("call_1", tool!, """{"city":"Oslo"}""")));
            return;
        }

        context.Response.ContentType = "text/event-stream";
        var events = isLast
            ? Enumerable.Repeat(FakeDestination.Delta("so "), 20).Append(FakeDestination.Delta("done")).Append(FakeDestination.Finish)
            : [FakeDestination.Delta("wait "), Chunk("a", $$$"""[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","function":{"name":"{{{tool}}}","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]"""), "data: [DONE]\n\n"];
        foreach (var one in events)
        {
            await context.Response.WriteAsync(one, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
