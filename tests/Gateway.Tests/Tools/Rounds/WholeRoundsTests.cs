using System.Text.Json.Nodes;
using static RouterGateway.Gateway.Tests.Tools.Rounds.TestRounds;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>Documents of backends, as they are and as they might be.</summary>
public sealed class WholeRoundsTests
{
    private const string Call = """{"id":"a","type":"function","function":{"name":"weather","arguments":"{}"}}""";

    [Theory]
    [InlineData("", "", null)]
    [InlineData(",\"usage\":null", ",\"usage\":null", "null")]
    [InlineData(",\"usage\":{\"prompt_tokens\":2}", "", """{"prompt_tokens":2}""")]
    [InlineData("", ",\"usage\":{\"prompt_tokens\":2}", """{"prompt_tokens":2}""")]
    [InlineData(",\"usage\":{\"prompt_tokens\":2,\"cost\":0.5}", ",\"usage\":{\"prompt_tokens\":3,\"cost\":0.25}", """{"prompt_tokens":5,"cost":0.75}""")]
    public async Task Usage_OfSomeRounds_IsTheirSum(string first, string second, string? expected)
    {
        var (sent, _) = await WholeAsync(Answer($$"""{"role":"assistant","tool_calls":[{{Call}}]}""", "tool_calls", first), Answer("""{"role":"assistant","content":"x"}""", "stop", second));

        var body = (JsonObject)JsonNode.Parse(sent)!;
        Assert.Equal(expected, body.ContainsKey("usage") ? body["usage"]?.ToJsonString() ?? "null" : null);
    }

    [Theory]
    [InlineData("""{"role":"assistant"}""")]
    [InlineData("""{"content":null}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"x"}],"tool_calls":null}""")]
    [InlineData("""{"role":"assistant","refusal":"no","tool_calls":[]}""")]
    [InlineData("""{"role":"assistant","content":"half \ud83d"}""")]
    [InlineData("""{"role":5,"content":{},"tool_calls":[5,null,[]]}""")]
    public async Task OneRound_WithoutOurCalls_KeepsItsBytes(string message)
    {
        var answer = Answer(message, "stop", ", \"x\" : [1.50, 1e400]");

        var (sent, answers) = await WholeAsync(answer);

        Assert.Equal(answer, sent);
        Assert.Empty(answers[0].Calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"choices\":")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":5,"x":1,"x":2}""")]
    [InlineData("""{"choices":[{"message":{"content":"a","content":"b"}}]}""")]
    [InlineData("""{"choices":[{"message":{"\ud800":"b"}}]}""")]
    [InlineData("""{"choices":[{"message":5}]}""")]
    [InlineData("""{"choices":[5]}""")]
    public async Task Document_ThatIsNoCompletion_KeepsItsBytes(string answer)
    {
        var (sent, answers) = await WholeAsync(answer);

        Assert.Equal(answer, sent);
        Assert.Empty(answers[0].Calls);
    }

    [Fact]
    public async Task SeveralChoices_AreTheCallersBusiness()
    {
        const string Two = """{"choices":[{"index":0,"message":{"content":"a"}},{"index":1,"message":{"content":"b"}}]}""";

        var (sent, answers) = await WholeAsync(Two);

        Assert.Equal(Two, sent);
        Assert.Equal("", answers[0].Content);
    }

    [Fact]
    public async Task UnknownFields_OfTheLastRound_KeepTheirValues()
    {
        var (sent, _) = await WholeAsync(
            Answer($$"""{"tool_calls":[{{Call}}]}""", "tool_calls"),
            Answer("""{"role":"assistant","content":"caf\u00e9 \ud83d","x":{"y":"\/\ud800"}}""", "stop", ",\"big\":12345678901234567890.1230,\"e\":1e400,\"html\":\"<&>\""));

        foreach (var kept in new[] { """
            "content":"caf\u00e9 \ud83d"
            """, """
            "x":{"y":"\/\ud800"}
            """, "\"big\":12345678901234567890.1230", "\"e\":1e400", "\"html\":\"<&>\"" })
        {
            Assert.Contains(kept, sent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Calls_WithoutIds_GetOneEachThatNoOtherRequestHas()
    {
        var answer = Answer("""{"content":"x","tool_calls":[{"function":{"name":"weather","arguments":"{}"}},{"id":"","function":{"name":"mine","arguments":"\ud83d"}},{"id":null,"function":{"name":"mine"}},{"id":5,"function":[]}]}""", "tool_calls");

        var (sent, answers) = await WholeAsync(answer);
        var (_, others) = await WholeAsync(answer);

        Assert.Equal([("weather", "{}", false), ("mine", "\ud83d", true), ("mine", "", true), ("", "", false)], answers[0].Calls.Select(static call => (call.Name, call.Arguments, call.IsForCaller)));
        Assert.Equal(8, answers[0].Calls.Concat(others[0].Calls).Select(static call => call.Id).Distinct().Count());
        var choice = JsonNode.Parse(sent)!["choices"]![0]!;
        Assert.Equal(answers[0].Calls.Where(static call => call.IsForCaller).Select(static call => call.Id), choice["message"]!["tool_calls"]!.AsArray().Select(static call => (string?)call!["id"]));
        Assert.Equal("tool_calls", (string?)choice["finish_reason"]);
    }

    [Fact]
    public async Task Arguments_AsAnObject_AreRead()
    {
        var (_, answers) = await WholeAsync(Answer("""{"tool_calls":[{"id":"a","function":{"name":"weather","arguments":{"city":"Oslo"}}}]}""", "tool_calls"));

        Assert.Equal("""{"city":"Oslo"}""", answers[0].Calls[0].Arguments);
    }

    private static string Answer(string message, string finishReason, string more = "") =>
        $$"""{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{{message}},"finish_reason":"{{finishReason}}"}]{{more}}}""";
}
