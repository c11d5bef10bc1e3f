using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools.Execution;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>A model that calls tools, and a gateway that runs them: scripted models, real HTTP tools.</summary>
public sealed class ToolLoopTests
{
    private const string Gateway = """, "tool_selection": {"names": ["weather"]}, "tool_execution": "gateway" """;

    private static string Answer => FakeDestination.SmallAnswer;

    [Fact]
    public async Task Chat_ModelCallsATool_SeesItsResultAndAnswers()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("""{"degrees":21}""");
        await using var model = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Oslo"}""")), Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("How warm is Oslo?", Gateway));

        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal("hello", (string?)body["choices"]![0]!["message"]!["content"]);
        Assert.Equal("""{"prompt_tokens":13,"completion_tokens":9,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":2}}""", Sorted(body["usage"]!));
        Assert.Equal("""{"city":"Oslo"}""", Assert.Single(tool.Requests).Body);
        Assert.Equal("weather", answer.Header("x-router-tools"));
        var second = JsonNode.Parse(model.Requests.Last().Body)!;
        Assert.Equal("main-model", (string?)second["model"]);
        Assert.False(second.AsObject().ContainsKey("tool_selection"));
        Assert.False(second.AsObject().ContainsKey("tool_execution"));
        Assert.Equal(["user", "assistant", "tool"], second["messages"]!.AsArray().Select(static message => (string?)message!["role"]));
        Assert.Equal(("call_1", """{"degrees":21}"""), ((string?)second["messages"]![2]!["tool_call_id"], (string?)second["messages"]![2]!["content"]));
        Assert.Equal("""{"city":"Oslo"}""", (string?)second["messages"]![1]!["tool_calls"]![0]!["function"]!["arguments"]);
        Assert.Equal("weather", (string?)second["tools"]![0]!["function"]!["name"]);
    }

    [Fact]
    public async Task Chat_Streamed_IsOneStreamWithoutTheGatewaysCalls()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("\"warm\"");
        await using var model = await ScriptAsync(
            Chunk("a", """[{"index":0,"delta":{"role":"assistant","content":"Let me look. "},"finish_reason":null}]""")
            + Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]""")
            + Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},"finish_reason":null}]""")
            + Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]},"finish_reason":null}]""")
            + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""")
            + Chunk("a", "[]", ""","usage":{"prompt_tokens":10,"completion_tokens":4,"total_tokens":14}""") + "data: [DONE]\n\n",
            Chunk("b", """[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]""")
            + Chunk("b", """[{"index":0,"delta":{"content":"It is warm."},"finish_reason":null}]""")
            + Chunk("b", """[{"index":0,"delta":{},"finish_reason":"stop"}]""")
            + Chunk("b", "[]", ""","usage":{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23}""") + "data: [DONE]\n\n");
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("How warm is Oslo?", Gateway + """, "stream": true, "stream_options": {"include_usage": true}"""));

        var (chunks, comments, isDone) = ReadStream(await answer.Content.ReadAsStringAsync());
        Assert.True(isDone);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        Assert.All(chunks, static chunk => Assert.Equal("a", chunk.GetProperty("id").GetString()));
        Assert.Equal("Let me look. It is warm.", Content(chunks));
        Assert.DoesNotContain(chunks, static chunk => chunk.GetRawText().Contains("tool_calls", StringComparison.Ordinal));
        Assert.Single(chunks, static chunk => chunk.GetRawText().Contains("\"role\"", StringComparison.Ordinal));
        Assert.Equal(["stop"], FinishReasons(chunks));
        Assert.Equal((30, 7, 37), Usage(chunks[^1]));
        Assert.Equal(["started", "finished"], comments.Select(static comment => JsonNode.Parse(comment[": tool ".Length..])!).Select(static note => (string?)note["event"]));
    }

    [Fact]
    public async Task Chat_SeveralCalls_RunSideBySideAndKeepTheirOrder()
    {
        var arrived = new CountdownEvent(2);
        await using var tool = await FakeDestination.StartAsync(async context =>
        {
            arrived.Signal();
            await Task.Run(() => arrived.Wait(TimeSpan.FromSeconds(30))); // each answers when both were asked
            await context.Response.WriteAsync(context.Request.Path.Value!);
        });
        await using var model = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Oslo"}"""), ("call_2", "news", """{"city":"Bonn"}""")), Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync($$"""{"tools":[{{HttpTool("weather", tool.Address + "/weather")}},{{HttpTool("news", tool.Address + "/news")}}]}""");

        using var answer = await host.PostAsync(GatewayHost.Chat("?", """, "tool_selection": {"names": ["weather", "news"]}, "tool_execution": "gateway" """));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["/weather", "/news"], Results(model).Select(static result => result.Content));
    }

    [Theory]
    [InlineData("""{"city":5}""", "/city")]
    [InlineData("""{"town":"Oslo"}""", "city")]
    [InlineData("""{"city":""", "JSON")]
    [InlineData("[]", "object")]
    public async Task Chat_BadArguments_AreAnErrorThatTheModelSees(string arguments, string said)
    {
        await using var tool = await FakeDestination.StartAnsweringAsync();
        await using var model = await ScriptAsync(Calls(("call_1", "weather", arguments)), Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Gateway));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(tool.Requests);
        var result = JsonNode.Parse(Assert.Single(Results(model)).Content)!;
        Assert.True((bool?)result["is_error"]);
        Assert.Contains(said, (string?)result["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_UnknownTool_IsAnErrorThatTheModelSees()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync();
        await using var model = await ScriptAsync(Calls(("call_1", "wheather", """{"city":"Oslo"}""")), Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Gateway));

        Assert.Contains("did you mean \\u0022weather\\u0022?".Replace("\\u0022", "\"", StringComparison.Ordinal), (string?)JsonNode.Parse(Assert.Single(Results(model)).Content)!["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ModelNeverStops_AnswersInTheLastRound()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        var call = Calls(("call_1", "weather", """{"city":"Oslo"}"""));
        await using var model = await ScriptAsync(call, call, call, Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", """, "tool_selection": {"names": ["weather"]}, "tool_execution": {"max_rounds": 3}, "tool_choice": "required" """));

        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal(["\"required\"", "\"auto\"", "\"none\""], model.Requests.Select(static request => JsonNode.Parse(request.Body)!["tool_choice"]!.ToJsonString()));
        Assert.Equal("length", (string?)body["choices"]![0]!["finish_reason"]); // it called a tool even so
        Assert.False(body["choices"]![0]!["message"]!.AsObject().ContainsKey("tool_calls"));
        Assert.Equal(2, tool.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Chat_CallersOwnToolBesidesOurs_ReturnsItAndRemembersTheRest(bool streamed)
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("\"21 degrees\"");
        var both = streamed
            ? Chunk("a", """[{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":null}]""")
                + Chunk("a", """[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"mine","arguments":"{}"}}]},"finish_reason":null}]""")
                + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""") + "data: [DONE]\n\n"
            : Calls(("call_1", "weather", """{"city":"Oslo"}"""), ("call_2", "mine", "{}"));
        await using var model = await ScriptAsync(both, Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));
        const string Mine = """, "tools": [{"type":"function","function":{"name":"mine","parameters":{"type":"object"}}}] """;

        using var first = await host.PostAsync(GatewayHost.Chat("?", Gateway + Mine + (streamed ? ", \"stream\": true" : "")));
        var text = await first.Content.ReadAsStringAsync();
        var calls = streamed
            ? ReadStream(text).Chunks.SelectMany(static chunk => chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("tool_calls", out var deltas) ? deltas.EnumerateArray().Select(static call => (call.GetProperty("id").GetString(), call.GetProperty("index").GetInt32())) : [])
            : JsonElement.Parse(text).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls").EnumerateArray().Select(static call => (call.GetProperty("id").GetString(), 0));
        Assert.Equal([("call_2", 0)], calls);
        if (streamed)
        {
            Assert.Equal(["tool_calls"], FinishReasons(ReadStream(text).Chunks));
        }

        using var second = await host.PostAsync($$"""
            {"model":"auto","messages":[{"role":"user","content":"?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_2","type":"function","function":{"name":"mine","arguments":"{}"} }]},
            {"role":"tool","tool_call_id":"call_2","content":"done"}]{{Gateway}}{{Mine}} }
            """);

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var messages = JsonNode.Parse(model.Requests.Last().Body)!["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool", "assistant", "tool"], messages.Select(static message => (string?)message!["role"]));
        Assert.Equal(("call_1", "\"21 degrees\""), ((string?)messages[2]!["tool_call_id"], (string?)messages[2]!["content"]));
        Assert.Single(tool.Requests);
    }

    [Fact]
    public async Task Chat_ClientToolOfTheRegistry_ReturnsToTheCaller()
    {
        await using var model = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Oslo"}""")));
        await using var host = await StartAsync(model);
        await host.RegisterAsync(Client("weather"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Gateway));

        var choice = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["choices"]![0]!;
        Assert.Equal(("tool_calls", "call_1"), ((string?)choice["finish_reason"], (string?)choice["message"]!["tool_calls"]![0]!["id"]));
        Assert.Single(model.Requests);
    }

    [Fact]
    public async Task Chat_SecondRoundFails_IsARealErrorBeforeTheFirstByteAndAnEventAfterIt()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var silent = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Oslo"}""")));
        await using var host = await StartAsync(silent);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var whole = await host.PostAsync(GatewayHost.Chat("?", Gateway));

        Assert.Equal(HttpStatusCode.BadGateway, whole.StatusCode);
        Assert.Equal("backend_failed", (await whole.ErrorAsync()).Code);
    }

    [Fact]
    public async Task Chat_ToolFailsAgainAndAgain_IsBrokenOffAndLeftOut()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("no", status: 500);
        await using var model = await FakeDestination.StartAsync(context => AnswerAsync(context, context.Request.Headers.ContentLength < 1000 ? Calls(("call_1", "weather", """{"city":"Oslo"}""")) : Answer));
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));
        for (var i = 0; i < 5; i++)
        {
            var result = await host.JsonAsync(HttpMethod.Post, "/v1/tools/weather/call", """{"city":"Oslo"}""");
            Assert.Contains("500", (string?)result["content"], StringComparison.Ordinal);
        }

        var broken = await host.JsonAsync(HttpMethod.Post, "/v1/tools/weather/call", """{"city":"Oslo"}""");
        using var answer = await host.PostAsync(GatewayHost.Chat("?", """, "tool_selection": "auto", "tool_execution": "gateway" """));

        Assert.True((bool?)broken["is_error"]);
        Assert.Contains("several times in a row", (string?)broken["content"], StringComparison.Ordinal);
        Assert.Equal(5, tool.Requests.Count);
        Assert.DoesNotContain("weather", model.Requests.Last().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ToolChangesWhileTheLoopRuns_KeepsTheVersionThatWasOffered()
    {
        await using var old = await FakeDestination.StartAnsweringAsync("\"old\"");
        await using var young = await FakeDestination.StartAnsweringAsync("\"new\"");
        GatewayHost? host = null;
        var answers = new Queue<string>([Calls(("call_1", "weather", """{"city":"Oslo"}""")), Calls(("call_2", "weather", """{"city":"Oslo"}""")), Answer]);
        await using var model = await FakeDestination.StartAsync(async context =>
        {
            if (answers.Count == 2)
            {
                await host!.JsonAsync(HttpMethod.Put, "/v1/tools/weather", HttpTool("weather", young.Address + "/w").Replace("\"city\"", "\"town\"", StringComparison.Ordinal));
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(answers.Dequeue());
        });
        await using (host = await StartAsync(model))
        {
            await host.RegisterAsync(HttpTool("weather", old.Address + "/w"));

            using var answer = await host.PostAsync(GatewayHost.Chat("?", Gateway));

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(["\"old\"", "\"old\""], Results(model).Select(static result => result.Content));
            Assert.Empty(young.Requests);
            Assert.Equal(2, (int)(await host.JsonAsync(HttpMethod.Get, "/v1/tools/weather"))["version"]!);
        }
    }

    [Fact]
    public async Task Chat_EveryCall_IsASpan()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == ToolRunner.ActivitySourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var tool = await FakeDestination.StartAnsweringAsync("no", status: 404);
        await using var model = await ScriptAsync(Calls(("call_of_the_span_test", "weather", """{"city":"Oslo"}""")), Answer);
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", Gateway));

        var span = Assert.Single(spans, static span => Equals(span.GetTagItem("gen_ai.tool.call.id"), "call_of_the_span_test")); // other tests run tools, too
        Assert.Equal(("execute_tool weather", ActivityKind.Internal, ActivityStatusCode.Error), (span.OperationName, span.Kind, span.Status));
        Assert.Equal(("execute_tool", "weather", "http", "tool_error"), (span.GetTagItem("gen_ai.operation.name"), span.GetTagItem("gen_ai.tool.name"), span.GetTagItem("gen_ai.tool.type"), span.GetTagItem("error.type")));
    }

    [Fact]
    public async Task Chat_ReceiptAndRoute_TellOfToolsWithoutTheirContents()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("\"secret result\"");
        await using var model = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Atlantis"}""")), Answer);
        await using var host = await StartAsync(model, """, "tools": { "execute": true, "allow": ["weather"] }""");
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));

        using var answer = await host.PostAsync(GatewayHost.Chat("?", """, "tool_selection": {"names": ["weather"]} """));

        var receipt = await host.Client.GetStringAsync("/admin/decisions/" + answer.Header("x-router-decision-id"));
        var tools = JsonNode.Parse(receipt)!["decision"]!["tools"]!;
        Assert.Equal("weather", (string?)tools["offered"]![0]);
        Assert.Equal(("weather", 1, false), ((string?)tools["calls"]![0]!["name"], (int?)tools["calls"]![0]!["version"], (bool?)tools["calls"]![0]!["isError"]));
        Assert.Equal(32, ((string?)tools["calls"]![0]!["arguments"])!.Length);
        Assert.Equal(22, (int)JsonNode.Parse(receipt)!["decision"]!["tokens"]!["prompt"]! + (int)JsonNode.Parse(receipt)!["decision"]!["tokens"]!["completion"]!);
        Assert.DoesNotContain("Atlantis", receipt, StringComparison.Ordinal);
        Assert.DoesNotContain("secret result", receipt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ClientLeavesWhileAToolRuns_StopsTheTool()
    {
        var asked = new TaskCompletionSource();
        await using var tool = await FakeDestination.StartAsync(async context =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var model = await ScriptAsync(Calls(("call_1", "weather", """{"city":"Oslo"}""")));
        await using var host = await StartAsync(model);
        await host.RegisterAsync(HttpTool("weather", tool.Address + "/w"));
        using var leaving = new CancellationTokenSource();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(GatewayHost.Chat("?", Gateway)) };
        var answer = host.Client.SendAsync(request, leaving.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        await tool.Dropped.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<GatewayHost> StartAsync(FakeDestination model, string route = "") =>
        await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address), GatewayHost.Route("general", "main", route), tools: LocalNetwork);

    private static IEnumerable<(string Id, string Content)> Results(FakeDestination model) => JsonNode.Parse(model.Requests.Last().Body)!["messages"]!.AsArray()
        .Where(static message => (string?)message!["role"] == "tool").Select(static message => ((string)message!["tool_call_id"]!, (string)message["content"]!));

    private static string Content(List<JsonElement> chunks) => string.Concat(chunks.SelectMany(static chunk => chunk.GetProperty("choices").EnumerateArray())
        .Select(static choice => choice.GetProperty("delta").TryGetProperty("content", out var content) ? content.GetString() : ""));

    private static IEnumerable<string?> FinishReasons(List<JsonElement> chunks) => chunks.SelectMany(static chunk => chunk.GetProperty("choices").EnumerateArray())
        .Select(static choice => choice.GetProperty("finish_reason").GetString()).Where(static reason => reason is not null);

    private static (int, int, int) Usage(JsonElement chunk) => chunk.GetProperty("usage") is var usage
        ? (usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32(), usage.GetProperty("total_tokens").GetInt32()) : default;

    private static string Sorted(JsonNode usage) => $$"""{"prompt_tokens":{{usage["prompt_tokens"]}},"completion_tokens":{{usage["completion_tokens"]}},"total_tokens":{{usage["total_tokens"]}},"prompt_tokens_details":{{usage["prompt_tokens_details"]!.ToJsonString()}}}""";
}
