using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RouterGateway.Gateway.Tests.Support;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Execution;

/// <summary>Arguments that no model should write, and some that all do: a result, never a failure of the gateway.</summary>
public sealed class ToolArgumentsTests
{
    private const int CallsPerRound = 25;
    private const string Free = """{"name":"free","parameters":{"type":"object"},"http":{"url":"URL/{city}","query":["n"]} }""";
    private const string Fields = """, "tool_selection": {"names": ["free"]}, "tool_execution": "gateway" """;

    private static readonly string[] _pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"", "\"city\"", "\"n\"", "\"\\ud800\"", "\"\\udc00x\"", "\\", "\\u", "1e400", "-0", "NaN", "null", "true", "\0", "\\u0000", " ", "\n", "é", "😀", "\ufeff", "{\"city\":\"a\"}", "{\"city\":1,\"city\":2}",
        "{\"a\":{\"\\ud800\":[\"\\udfff\"]}}", "//", "'",
    ];

    public static TheoryData<string> Extremes =>
    [
        """{"city":"\ud800"}""", """{"\ud800":"x"}""", """{"x":{"\ud800":1}}""", """{"n":"\udc00","city":"x"}""", """{"city":1e400}""", """{"city":"\u0000"}""", "{\"city\":\"\0\"}", """{"city":"a","city":"b"}""",
        """{"x":{"y":1,"y":2}}""", "null", "\"text\"", "5", "{}{}", "", "  ",
    ];

    [Theory]
    [MemberData(nameof(Extremes))]
    public Task Call_Extreme_IsAResult(string arguments) => CallAsync(arguments);

    [Fact]
    public Task Call_TenThousandLevelsDeep_IsAResult() => CallAsync($"{{\"x\":{new string('[', 10_000)}{new string(']', 10_000)}}}");

    [Fact]
    public Task Call_OfFiveMegabytes_IsAResult() => CallAsync($$"""{"city":"{{new string('x', 5 << 20)}}"}""");

    [Fact]
    public async Task Call_ManyRandomTexts_AreResults()
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var host = await StartAsync(tool);
        var random = new Random(5);
        for (var i = 0; i < 5_000; i++)
        {
            await AssertResultAsync(host, Text(random));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_ManyRandomTexts_AreToolMessagesWithTheirIds(bool streamed)
    {
        var random = new Random(streamed ? 6 : 7);
        await AssertLoopsAsync(streamed, [.. Enumerable.Range(0, 2_500 / CallsPerRound).Select(_ => Enumerable.Range(0, CallsPerRound).Select(_ => JsonSerializer.Serialize(Text(random))).ToArray())]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_Extremes_AreToolMessagesWithTheirIds(bool streamed)
    {
        string[] deep = [$"{{\"x\":{new string('[', 10_000)}{new string(']', 10_000)}}}", $$"""{"city":"{{new string('x', 5 << 20)}}"}"""];
        var texts = Extremes.Select(static row => (string)row.Data).Concat(deep).Select(static text => JsonSerializer.Serialize(text));

        await AssertLoopsAsync(streamed, [[.. texts, "\"{\\\"city\\\":\\\"\\ud800\\\"}\"", "\"\\udc00\"", "null", "5", "[1]", """{"city":"Oslo"}""", """{"\ud800":1}"""]]);
    }

    private static async Task CallAsync(string arguments)
    {
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var host = await StartAsync(tool);

        await AssertResultAsync(host, arguments);
    }

    private static async Task AssertResultAsync(GatewayHost host, string arguments)
    {
        using var answer = await host.PostAsync(arguments, "/v1/tools/free/call");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{(int)answer.StatusCode} {text} for {Show(arguments)}");
        Assert.NotNull(JsonNode.Parse(text)!["content"]);
    }

    /// <summary>Has a model ask for calls, a request per list of arguments, and reads what it was told in the end.</summary>
    /// <param name="streamed">Whether it streams.</param>
    /// <param name="requests">JSON as it stands behind <c>"arguments":</c>.</param>
    private static async Task AssertLoopsAsync(bool streamed, string[][] requests)
    {
        var left = new ConcurrentQueue<string[]?>(requests.SelectMany(static arguments => new[] { arguments, null }));
        await using var tool = await FakeDestination.StartAnsweringAsync("1");
        await using var model = await FakeDestination.StartAsync(context =>
        {
            Assert.True(left.TryDequeue(out var arguments));
            return AnswerAsync(context, streamed, arguments);
        });
        await using var host = await StartAsync(tool, model);
        foreach (var arguments in requests)
        {
            using var answer = await host.PostAsync(GatewayHost.Chat("?", Fields + (streamed ? ", \"stream\": true" : "")));

            var second = JsonNode.Parse(model.Requests.Last().Body)!["messages"]!.AsArray();
            Assert.Equal(Enumerable.Range(0, arguments.Length).Select(static i => $"call_{i}"), second.Where(static message => (string?)message!["role"] == "tool").Select(static message => (string?)message!["tool_call_id"]));
            Assert.All(second.Where(static message => (string?)message!["role"] == "tool"), static message => Assert.NotEqual("", (string?)message!["content"]));
            Assert.Contains("hello", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static Task AnswerAsync(HttpContext context, bool streamed, string[]? arguments)
    {
        context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
        if (arguments is null)
        {
            return context.Response.WriteAsync(streamed ? FakeDestination.Delta("hello") + FakeDestination.Finish : FakeDestination.SmallAnswer);
        }

        var calls = string.Join(',', arguments.Select((text, i) => $$$"""{"index":{{{i}}},"id":"call_{{{i}}}","type":"function","function":{"name":"free","arguments":{{{text}}}}}"""));
        return context.Response.WriteAsync(streamed
            ? Chunk("a", $$"""[{"index":0,"delta":{"role":"assistant","tool_calls":[{{calls}}]},"finish_reason":null}]""") + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""") + "data: [DONE]\n\n"
            : $$"""{"id":"a","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{{calls}}]},"finish_reason":"tool_calls"}]}""");
    }

    private static async Task<GatewayHost> StartAsync(FakeDestination tool, FakeDestination? model = null)
    {
        var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model?.Address ?? "http://127.0.0.1:1"), tools: LocalNetwork);
        await host.RegisterAsync(Free.Replace("URL", tool.Address, StringComparison.Ordinal));
        return host;
    }

    private static string Text(Random random)
    {
        if (random.Next(2) == 0)
        {
            return string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => _pieces[random.Next(_pieces.Length)]));
        }

        return $"{{{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(i => $"{(random.Next(3) == 0 ? "\"\\ud800\"" : random.Next(2) == 0 ? "\"city\"" : $"\"n{i}\"")}:{Value(random, 0)}"))}}}";
    }

    private static string Value(Random random, int depth) => random.Next(depth > 2 ? 5 : 7) switch
    {
        0 => "\"\\udfff\"",
        1 => "-1e-400",
        2 => "\"\\u0000/../?#\\\\\"",
        3 => "null",
        4 => "\"é\\ud83d\\ude00\"",
        5 => $"[{Value(random, depth + 1)},{Value(random, depth + 1)}]",
        _ => $"{{\"{(random.Next(4) == 0 ? "\\udc00" : "x")}\":{Value(random, depth + 1)}}}",
    };

    private static string Show(string text) => Encoding.UTF8.GetByteCount(text) > 200 ? text[..100] + "..." : text;
}
