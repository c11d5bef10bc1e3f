using System.Text;
using RouterGateway.Gateway.Tools.Rounds;
using static RouterGateway.Gateway.Tests.Tools.Rounds.TestRounds;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Rounds;

/// <summary>Streams of backends, as they are and as they might be, and what an SDK makes of what is sent.</summary>
public sealed class StreamedRoundsTests
{
    private const string Done = "data: [DONE]\n\n";

    private static readonly string _first =
        Delta("""{"role":"assistant","content":"Let me löök 🌍. "}""") + ": ping\n\n"
        + Delta("""{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]}""")
        + Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":\"Tromsø \\"}}]}""")
        + Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"u00e9 😀\"}"}}]}""")
        + Finish("tool_calls") + Usage(10, 4) + Done;

    private static readonly string _second =
        Delta("""{"role":"assistant","content":""}""", "b") + Delta("""{"content":"It is 21 °C."}""", "b") + Finish("stop", "b") + Usage(20, 3, "b") + Done;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Stream_SplitAtEveryByte_IsTheSame(string lineEnd)
    {
        var rounds = new[] { _first, _second }.Select(round => Encoding.UTF8.GetBytes(round.Replace("\n", lineEnd, StringComparison.Ordinal))).ToArray();

        for (var at = 0; at <= rounds.Max(static round => round.Length); at++)
        {
            AssertTwoRounds(await PlayAsync(streamed: true, [.. rounds.Select(round => Split(round, at))]));
        }

        AssertTwoRounds(await PlayAsync(streamed: true, [.. rounds.Select(static round => round.Select(static one => (ReadOnlyMemory<byte>)new[] { one }))]));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r")]
    public async Task Stream_WithoutDoneOrSpacesAndOfSeveralLines_IsTheSame(string lineEnd)
    {
        var rounds = new[] { _first, _second }.Select(round => Encoding.UTF8.GetBytes(round
            .Replace(Done, "", StringComparison.Ordinal)
            .Replace("data: ", "data:", StringComparison.Ordinal)
            .Replace(",\"choices\"", ",\ndata:\"choices\"", StringComparison.Ordinal)
            .Replace("\n", lineEnd, StringComparison.Ordinal))).ToArray();

        for (var at = 0; at <= rounds.Max(static round => round.Length); at++)
        {
            AssertTwoRounds(await PlayAsync(streamed: true, [.. rounds.Select(round => Split(round, at))]));
        }
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"mine","arguments":"{"}},{"index":1,"id":"b","function":{"name":"other","arguments":"["}}]""", """[{"index":1,"function":{"arguments":"]"}},{"index":0,"function":{"arguments":"}"}}]""")] // interleaved
    [InlineData("""[{"id":"a","function":{"name":"mine","arguments":"{}"}},{"id":"b","function":{"name":"other","arguments":"["}}]""", """[{"function":{"arguments":"]"}}]""")] // no index
    [InlineData("""[{"index":0,"id":"a","function":{"name":"mine","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"other","arguments":"["}}]""", """[{"index":0,"function":{"arguments":"]"}}]""")] // Ollama
    [InlineData("""[{"index":0,"id":"a","function":{"name":"mine","arguments":"{"}},{"index":0,"id":"b","function":{"name":"other","arguments":"[]"}}]""", """[{"index":0,"id":"a","function":{"name":"mine","arguments":"}"}}]""")] // and by id
    [InlineData("""[{"index":3,"id":"a","function":{"name":"mine","arguments":"{}"}},{"index":7,"id":"b","function":{"name":"other","arguments":"["}}]""", """[{"index":7,"id":"b","function":{"name":"other","arguments":"]"}}]""")] // repeats all
    [InlineData("""[{"index":0,"id":"a","function":{"arguments":"{"}},{"index":1,"id":"b","function":{"name":"","arguments":"["}}]""", """[{"index":0,"function":{"name":"mine","arguments":"}"}},{"index":1,"function":{"name":"other","arguments":"]"}}]""")] // names later
    [InlineData("""[{"index":0,"id":"a"},{"index":1,"id":"b","function":{}}]""", """[{"index":0,"function":{"name":"mine","arguments":"{}"}},{"index":1,"function":{"name":"other","arguments":"[]"}}]""")]
    public async Task CallersCalls_HoweverNumbered_AreWhole(string first, string second)
    {
        var (sdk, answers) = await StreamAsync(Delta($$"""{"tool_calls":{{first}}}""") + Delta($$"""{"tool_calls":{{second}}}""") + Finish("tool_calls") + Done);

        Assert.Equal([("a", "mine", "{}"), ("b", "other", "[]")], sdk.Calls);
        Assert.Equal([("a", "mine", "{}", true), ("b", "other", "[]", true)], Told(answers[0]));
        Assert.Equal(["tool_calls"], sdk.FinishReasons);
    }

    [Theory]
    [InlineData("""[{"index":0,"function":{"name":"mine","arguments":"{"}},{"index":1,"function":{"name":"weather","arguments":"["}}]""", """[{"index":0,"id":"late","function":{"arguments":"}"}},{"index":1,"id":"later","function":{"arguments":"]"}}]""")] // ids later
    [InlineData("""[{"function":{"name":"mine","arguments":"{}"}},{"function":{"name":"weather","arguments":"["}}]""", """[{"function":{"arguments":"]"}}]""")] // neither ids nor indexes
    [InlineData("""[{"index":0,"id":"","function":{"name":"mine","arguments":"{}"}},{"index":1,"id":null,"function":{"name":"weather","arguments":"["}}]""", """[{"index":1,"id":"","function":{"arguments":"]"}}]""")]
    public async Task Calls_WithoutIds_GetOneEach(string first, string second)
    {
        var stream = Delta($$"""{"tool_calls":{{first}}}""") + Delta($$"""{"tool_calls":{{second}}}""") + Finish("tool_calls") + Done;

        var (sdk, answers) = await StreamAsync(stream);
        var (_, others) = await StreamAsync(stream);

        Assert.Equal([("mine", "{}", true), ("weather", "[]", false)], answers[0].Calls.Select(static call => (call.Name, call.Arguments, call.IsForCaller)));
        Assert.Equal([(answers[0].Calls[0].Id, "mine", "{}")], sdk.Calls);
        Assert.Equal(4, answers[0].Calls.Concat(others[0].Calls).Select(static call => call.Id).Distinct().Count()); // also among requests: loops are remembered by them
    }

    [Fact]
    public async Task Document_ToAStreamedRequest_BecomesAStream()
    {
        var (sent, answers) = await TestRounds.PlayAsync(streamed: true, [System.Text.Encoding.UTF8.GetBytes(ToolTests.Calls(("call_1", "mine", "{}")))]);

        var (chunks, _, isDone) = ToolTests.ReadStream(sent);
        Assert.True(Assert.Single(Assert.Single(answers).Calls).IsForCaller);
        Assert.True(isDone);
        Assert.Equal("mine", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("tool_calls", chunks[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task CallsOfBoth_MixedInOneDelta_CallerSeesItsOwnNumberedFromZero()
    {
        var (sdk, answers) = await StreamAsync(
            Delta("""{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"weather","arguments":"{"}},{"index":1,"id":"b","type":"function","function":{"name":"mine","arguments":"["}},{"index":2,"id":"c","function":{"name":"nobody","arguments":""}},{"index":3,"id":"d","function":{"name":"other","arguments":""}}]}""")
            + Delta("""{"tool_calls":[{"index":3,"function":{"arguments":"3"}},{"index":1,"function":{"arguments":"]"}},{"index":0,"function":{"arguments":"}"}},{"index":2,"function":{"arguments":"2"}}]}""")
            + Finish("tool_calls") + Done);

        Assert.Equal([("b", "mine", "[]"), ("d", "other", "3")], sdk.Calls);
        Assert.Equal([("a", "weather", "{}", false), ("b", "mine", "[]", true), ("c", "nobody", "2", false), ("d", "other", "3", true)], Told(answers[0]));
    }

    [Fact]
    public async Task Text_SplitInsideASurrogatePair_IsWhole()
    {
        var (sent, answers) = await PlayAsync(streamed: true, [Encoding.UTF8.GetBytes(
            Delta("""{"role":"assistant","content":"a\ud83d","x":"\ud83d"}""") + Delta("""{"content":"\ude00b"}""")
            + Delta("""{"reasoning_content":"\ud83d"}""") + Delta("""{"reasoning_content":"\ude00"}""")
            + Delta("""{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"city\":\"\ud83d"}}]}""") + Delta("""{"tool_calls":[{"index":0,"function":{"arguments":"\ude00\"}"}}]}""")
            + Finish("tool_calls") + Done)]);

        Assert.Equal(("a😀b", "😀", """{"city":"😀"}"""), (answers[0].Content, answers[0].Reasoning, answers[0].Calls[0].Arguments));
        Assert.Contains("""
            "content":"a\ud83d","x":"\ud83d"
            """, sent, StringComparison.Ordinal);
        Assert.Contains("""
            {"content":"\ude00b"}
            """, sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"a","x":1,"x":2,"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"a","choices":[{"index":0,"delta":{"content":"!","y":{"x":1,"x":2}},"finish_reason":null}]}""")]
    [InlineData("""{"id":"a","\ud800":1,"choices":[{"index":0,"delta":{"content":"!"},"finish_reason":null}]}""")]
    [InlineData("""{"id":"a","choices":[{"index":0,"delta":{"content":"!","y":[{"\ud800":"\udc00"}]},"finish_reason":null}]}""")]
    public async Task Chunk_WithANameTwiceOrHalfASurrogatePair_IsUnderstood(string chunk)
    {
        var (sdk, answers) = await StreamAsync($"data: {chunk}\n\n{Finish("stop")}{Done}");

        Assert.Equal(("!", "!"), (sdk.Content, answers[0].Content));
        Assert.Equal(["stop"], sdk.FinishReasons);
    }

    [Theory]
    [InlineData("{\"id\":")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Chunk_ThatIsNoObject_IsPassedOnAsItIs(string chunk)
    {
        var (sent, _) = await PlayAsync(streamed: true, [Encoding.UTF8.GetBytes($"data: {chunk}\n\n{Finish("stop")}{Done}")]);

        Assert.StartsWith($"data: {chunk}\n\n", sent, StringComparison.Ordinal);
        Assert.EndsWith(Done, sent, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"choices":[{"index":"0","delta":[],"finish_reason":5}],"usage":[]}""")]
    [InlineData("""{"choices":[5,null],"usage":7}""")]
    [InlineData("""{"choices":[{"index":1e400,"delta":{"content":5,"role":[],"tool_calls":{}}}]}""")]
    [InlineData("""{"choices":[{"delta":{"tool_calls":[5,null,[],{},{"index":-1,"id":5,"function":[]},{"index":"x","function":{"name":5,"arguments":{"city":"Oslo"}}}]}}]}""")]
    [InlineData("""{"choices":{},"id":5}""")]
    [InlineData("""{"id":"a"}""")]
    public async Task Chunk_OfOddTypes_HurtsNothing(string chunk)
    {
        var (sent, answers) = await PlayAsync(streamed: true, [Encoding.UTF8.GetBytes($"data: {chunk}\n\n{_second}")]);

        Assert.Equal("It is 21 °C.", answers[0].Content);
        Assert.EndsWith(Done, sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FinishReason_InOneChunkWithContent_ComesOnce()
    {
        const string Logprobs = ",\"logprobs\":{\"content\":[{\"token\":\"hi\"}]}";
        var (sdk, answers) = await StreamAsync(Chunk("a", $$"""[{"index":0,"delta":{"role":"assistant","content":"hi"}{{Logprobs}},"finish_reason":"stop"}]""", ""","usage":{"prompt_tokens":1} """) + Done);

        Assert.Equal(("hi", "hi"), (sdk.Content, answers[0].Content));
        Assert.Equal(["stop"], sdk.FinishReasons);
        Assert.Single(sdk.Logprobs);
        Assert.Equal("""{"prompt_tokens":1}""", sdk.Usage);
    }

    [Theory]
    [InlineData("stop", "stop")]
    [InlineData("tool_calls", "stop")]
    [InlineData("length", "length")]
    public async Task FinishReason_OfAnAnswerWhoseCallsAreHidden_IsNoneOfCalls(string given, string expected)
    {
        var (sdk, answers) = await StreamAsync(Delta("""{"role":"assistant","tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{}"}}]}""") + Finish(given) + Done);

        Assert.Equal([("a", "weather", "{}", false)], Told(answers[0]));
        Assert.Equal(given == "length", answers[0].IsCutOff);
        Assert.Equal([expected], sdk.FinishReasons);
        Assert.Empty(sdk.Calls);
    }

    [Theory]
    [InlineData(false, true, false)]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    public async Task Usage_WhereverItStands_IsThatOfAllRoundsOnce(bool onFinish, bool ofItsOwn, bool onEvery)
    {
        string Round(int prompt, int completion)
        {
            string On(bool has, int completion) => has ? $$""","usage":{{Numbers(prompt, completion)}}""" : ",\"usage\":null";
            return Chunk("a", """[{"index":0,"delta":{"role":"assistant","content":"x"},"finish_reason":null}]""", On(onEvery, 1))
                + Chunk("a", """[{"index":0,"delta":{"content":"y"},"finish_reason":null}]""", On(onEvery, 2))
                + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"stop"}]""", On(onFinish, completion))
                + (ofItsOwn ? Usage(prompt, completion) : "") + Done;
        }

        var (sdk, _) = await StreamAsync(Round(10, 4), Round(20, 3));

        Assert.Equal(onFinish || ofItsOwn ? Numbers(30, 7) : null, sdk.Usage);
        Assert.Equal("xyxy", sdk.Content);
    }

    [Fact]
    public async Task Usage_WithDetails_IsAddedNumberByNumber()
    {
        var (sdk, _) = await StreamAsync(
            Finish("stop") + Chunk("a", "[]", ""","usage":{"prompt_tokens":1,"details":null,"cost":0.25,"tier":"a"}""") + Done,
            Finish("stop") + Chunk("a", "[]", ""","usage":{"prompt_tokens":2,"details":{"cached":3},"cost":0.5,"tier":"b","more":1}""") + Done);

        Assert.Equal("""{"prompt_tokens":3,"details":{"cached":3},"cost":0.75,"tier":"a","more":1}""", sdk.Usage);
    }

    [Fact]
    public async Task UnknownFieldsAndOtherTexts_ArePassedOn()
    {
        var (sdk, answers) = await StreamAsync(
            Chunk("", "[]", ""","prompt_filter_results":[1]""") // Azure begins so
            + Chunk("a", """[{"index":0,"delta":{"role":"assistant"},"finish_reason":null,"x":1.50}]""", ""","system_fingerprint":"f" """)
            + Delta("""{"reasoning_content":"hm"}""") + Delta("""{"refusal":"no"}""") + Delta("""{"audio":{"data":"AA"}}""")
            + Chunk("a", """[{"index":0,"delta":{"content":""},"logprobs":{"content":[{"token":"\u00e9"}]},"finish_reason":null}]""")
            + Chunk("a", """[{"index":0,"delta":{},"finish_reason":"stop","stop_reason":7}]""", ""","x_groq":{"id":1e2}""") + Done,
            Chunk("", "[]", ""","prompt_filter_results":[2]""") + _second);

        Assert.Equal(["", "a"], sdk.Ids.Order(StringComparer.Ordinal));
        Assert.Equal(("assistant", "no", "hm"), ((string?)sdk.Message["role"], (string?)sdk.Message["refusal"], (string?)sdk.Message["reasoning_content"]));
        Assert.Equal("hm", answers[0].Reasoning);
        Assert.Single(sdk.Logprobs);
        var sent = string.Concat(sdk.Chunks.Select(static chunk => chunk.ToJsonString()));
        foreach (var kept in new[] { "\"x\":1.50", "\"system_fingerprint\":\"f\"", "\"audio\":{\"data\":\"AA\"}", "\"prompt_filter_results\":[1]" })
        {
            Assert.Contains(kept, sent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Roles_OfEveryDelta_AreOne()
    {
        var (sdk, _) = await StreamAsync(
            Delta("""{"role":null,"content":""}""") + Delta("""{"role":"assistant","content":"a"}""") + Delta("""{"role":"assistant","content":"b"}""") + Finish("stop") + Done,
            Delta("""{"role":"assistant","content":"c"}""") + Finish("stop") + Done);

        Assert.Equal(("assistant", "abc"), ((string?)sdk.Message["role"], sdk.Content));
    }

    [Fact]
    public async Task Choices_BesidesTheFirst_ArePassedOn()
    {
        var (sdk, answers) = await StreamAsync(
            Delta("""{"role":"assistant","content":"one"}""") + Chunk("a", """[{"index":1,"delta":{"role":"assistant","content":"two"},"finish_reason":null}]""")
            + Chunk("a", """[{"index":1,"delta":{},"finish_reason":"length"}]""") + Finish("stop") + Done);

        Assert.Equal(("one", "one"), (sdk.Content, answers[0].Content));
        Assert.Equal(["length"], sdk.Chunks.SelectMany(static chunk => chunk["choices"]!.AsArray()).Where(static choice => (int)choice!["index"]! == 1).Select(static choice => (string?)choice!["finish_reason"]).OfType<string>());
    }

    [Fact]
    public async Task Events_ThatAreNoChunks_KeepTheirNames()
    {
        const string Odd = "retry: 10\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n: note\n\n";

        var (sent, _) = await PlayAsync(streamed: true, [Encoding.UTF8.GetBytes(Odd + _second)]);

        Assert.StartsWith(Odd, sent, StringComparison.Ordinal);
    }

    private static void AssertTwoRounds((string Sent, IReadOnlyList<RoundAnswer> Answers) played)
    {
        var sdk = SdkAnswer.Read(played.Sent);
        Assert.Equal("Let me löök 🌍. It is 21 °C.", sdk.Content);
        Assert.Equal("assistant", (string?)sdk.Message["role"]);
        Assert.Equal(["a"], sdk.Ids);
        Assert.Equal(["stop"], sdk.FinishReasons);
        Assert.Equal(Numbers(30, 7), sdk.Usage);
        Assert.Equal([": ping"], sdk.Comments);
        Assert.Equal([("call_1", "weather", """{"city":"Tromsø \u00e9 😀"}""", false)], Told(played.Answers[0]));
        Assert.Equal(("Let me löök 🌍. ", "It is 21 °C."), (played.Answers[0].Content, played.Answers[1].Content));
    }

    private static IEnumerable<(string, string, string, bool)> Told(RoundAnswer answer) => answer.Calls.Select(static call => (call.Id, call.Name, call.Arguments, call.IsForCaller));

    private static IEnumerable<ReadOnlyMemory<byte>> Split(byte[] bytes, int at) => [bytes.AsMemory(0, Math.Min(at, bytes.Length)), bytes.AsMemory(Math.Min(at, bytes.Length))];

    private static string Delta(string delta, string id = "a") => Chunk(id, $$"""[{"index":0,"delta":{{delta}},"finish_reason":null}]""");

    private static string Finish(string reason, string id = "a") => Chunk(id, $$"""[{"index":0,"delta":{},"finish_reason":"{{reason}}"}]""");

    private static string Usage(int prompt, int completion, string id = "a") => Chunk(id, "[]", $$""","usage":{{Numbers(prompt, completion)}}""");

    private static string Numbers(int prompt, int completion) => $$"""{"prompt_tokens":{{prompt}},"completion_tokens":{{completion}},"total_tokens":{{prompt + completion}}}""";
}
