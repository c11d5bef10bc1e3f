using System.Net;
using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class ChatCompletionsEndpointTests : IAsyncLifetime
{
    private TestServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Post_EqualSeeds_GiveEqualAnswersAndOthersDiffer()
    {
        static string Request(int seed) => Ask($"""max_tokens":40,"temperature":1.5,"seed":{seed}""");

        var first = Text(await _server.CompleteAsync(Request(7), Cancellation));
        var second = Text(await _server.CompleteAsync(Request(7), Cancellation));
        var others = await Task.WhenAll(Enumerable.Range(100, 6).Select(seed => _server.CompleteAsync(Request(seed), Cancellation)));

        Assert.Equal(first, second);
        Assert.Contains(others, other => Text(other) != first);
    }

    [Fact]
    public async Task Post_TemperatureZero_IsGreedyWhateverTheSeed()
    {
        var first = Text(await _server.CompleteAsync(Ask("""max_tokens":30,"temperature":0,"seed":1"""), Cancellation));
        var second = Text(await _server.CompleteAsync(Ask("""max_tokens":30,"temperature":0,"seed":2"""), Cancellation));

        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("""temperature":1,"top_p":1""")]
    [InlineData("""temperature":1,"top_p":0.9""")]
    [InlineData("""temperature":2,"top_k":40""")]
    [InlineData("""temperature":0.5,"top_k":40,"top_p":0.5""")]
    [InlineData("""temperature":1,"top_p":0""")]
    [InlineData("""temperature":1,"top_k":-1""")]
    [InlineData("""temperature":1,"top_k":1000000""")]
    [InlineData("""seed":-5,"temperature":1""")]
    [InlineData("""seed":9223372036854775807,"temperature":1""")]
    [InlineData("""unknown":{"a":[1]},"user":"u","logit_bias":{},"tools":null""")]
    public async Task Post_AnyGoodSampling_Answers(string fields)
    {
        var answer = await _server.CompleteAsync(Ask(fields + ",\"max_tokens\":8"), Cancellation);

        Assert.InRange(answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Post_StopString_EndsTheTextBeforeIt(int length)
    {
        var whole = Text(await _server.CompleteAsync(Ask("""max_tokens":40,"temperature":0"""), Cancellation));
        Assert.True(whole.Length > 12, whole);
        var stop = whole.Substring(5, length); // tokens begin and end elsewhere
        var expected = whole[..whole.IndexOf(stop, StringComparison.Ordinal)];
        var fields = $"""max_tokens":40,"temperature":0,"stop":["never to come",{JsonSerializer.Serialize(stop)}]""";

        var answer = await _server.CompleteAsync(Ask(fields), Cancellation);
        var events = await _server.StreamAsync(Ask(fields + ",\"stream\":true"), Cancellation);

        Assert.Equal(expected, Text(answer));
        Assert.Equal("stop", Finish(answer));
        Assert.Equal(expected, StreamedText(events));
        Assert.Contains("\"finish_reason\":\"stop\"", events[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_OneToken_FinishesByLength()
    {
        var answer = await _server.CompleteAsync(Ask("""max_completion_tokens":1,"max_tokens":50"""), Cancellation);

        Assert.Equal(1, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal("length", Finish(answer));
    }

    [Fact]
    public async Task Post_StreamWithoutUsage_HasNoUsageAnywhere()
    {
        var events = await _server.StreamAsync(Ask("""max_tokens":5,"stream":true"""), Cancellation);

        Assert.DoesNotContain(events, static data => data.Contains("usage", StringComparison.Ordinal));
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task Post_ContentParts_AreOneText()
    {
        var parts = await _server.CompleteAsync("""{"messages":[{"role":"user","content":[{"type":"text","text":"Sort "},{"type":"text","text":"a list."}]}],"max_tokens":9,"temperature":0}""", Cancellation);
        var whole = await _server.CompleteAsync("""{"messages":[{"role":"user","content":"Sort a list."}],"max_tokens":9,"temperature":0}""", Cancellation);

        Assert.Equal(Text(whole), Text(parts));
        Assert.Equal(whole.GetProperty("usage").GetProperty("total_tokens").GetInt32(), parts.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("an-alias")]
    [InlineData("auto")]
    [InlineData("")]
    public async Task Post_ANameOfTheModel_IsServed(string model)
    {
        var answer = await _server.CompleteAsync(Ask($"""model":"{model}","max_tokens":1"""), Cancellation);

        Assert.Equal("sample-coding", answer.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_json", null)]
    [InlineData("null", "invalid_json", null)]
    [InlineData("{}", "missing_required_parameter", "messages")]
    [InlineData("""{"messages":null}""", "missing_required_parameter", "messages")]
    [InlineData("""{"messages":[]}""", "empty_array", "messages")]
    [InlineData("""{"messages":"hi"}""", "invalid_type", "messages")]
    [InlineData("""{"messages":["hi"]}""", "invalid_type", "messages[0]")]
    [InlineData("""{"messages":[{"content":"x"}]}""", "missing_required_parameter", "messages[0].role")]
    [InlineData("""{"messages":[{"role":1,"content":"x"}]}""", "invalid_type", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"god","content":"x"}]}""", "invalid_value", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "missing_required_parameter", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "invalid_type", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "invalid_value", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "invalid_type", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"model":5}""", "invalid_type", "model")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":0}""", "invalid_value", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":"5"}""", "invalid_type", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":1.5}""", "invalid_type", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":1e30}""", "invalid_type", "max_tokens")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"max_tokens":2147483647}""", "context_length_exceeded", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":-1}""", "invalid_value", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"temperature":true}""", "invalid_type", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_p":2}""", "invalid_value", "top_p")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"n":9}""", "invalid_value", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":5}""", "invalid_type", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stop":["a","b","c","d","e"]}""", "invalid_value", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"n":0}""", "invalid_value", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"frequency_penalty":2.5}""", "invalid_value", "frequency_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"presence_penalty":"a"}""", "invalid_type", "presence_penalty")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":21}""", "invalid_value", "top_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", "invalid_value", "top_logprobs")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"logit_bias":{"5":1}}""", "unsupported_parameter", "logit_bias")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"reasoning_effort":"huge"}""", "invalid_value", "reasoning_effort")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"chat_template_kwargs":[]}""", "invalid_type", "chat_template_kwargs")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"chat_template_kwargs":{"enable_thinking":"yes"}}""", "invalid_type", "chat_template_kwargs.enable_thinking")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":{}}""", "invalid_type", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[5]}""", "invalid_type", "tools[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"retrieval"}]}""", "invalid_value", "tools[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}""", "missing_required_parameter", "tools[0].function")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{}}]}""", "missing_required_parameter", "tools[0].function.name")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a b"}}]}""", "invalid_value", "tools[0].function.name")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"<eos>"}}]}""", "invalid_value", "tools[0].function.name")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a","parameters":[]}}]}""", "invalid_type", "tools[0].function.parameters")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"a"}}]}""", "invalid_value", "tools[1].function.name")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":"required"}""", "invalid_value", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":"any"}""", "invalid_value", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tool_choice":5}""", "invalid_type", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":{"type":"function","function":{"name":"b"}}}""", "invalid_value", "tool_choice.function.name")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":"required","response_format":{"type":"json_object"}}""", "invalid_value", "response_format")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"parallel_tool_calls":"no"}""", "invalid_type", "parallel_tool_calls")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{}}""", "missing_required_parameter", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}}""", "invalid_value", "response_format.type")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "missing_required_parameter", "response_format.json_schema")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"name":"a"}}}""", "missing_required_parameter", "response_format.json_schema.schema")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":{}}]}""", "invalid_type", "messages[0].tool_calls")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]}]}""", "missing_required_parameter", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":"}}]}]}""", "invalid_value", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f","arguments":"[]"}}]}]}""", "invalid_type", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a","reasoning_content":5}]}""", "invalid_type", "messages[0].reasoning_content")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"tool","content":"x","tool_call_id":"nobody's"}]}""", "invalid_value", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stream":"yes"}""", "invalid_type", "stream")]
    [InlineData("""{"messages":[{"role":"user","content":"x"}],"stream_options":[]}""", "invalid_type", "stream_options")]
    public async Task Post_ABadBody_IsRefusedWithPlaceAndCode(string body, string code, string? parameter)
    {
        using var response = await _server.PostAsync(body, Cancellation);

        var error = await ReadErrorAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(parameter, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Post_AThousandStops_AreRefused()
    {
        using var response = await _server.PostAsync(Ask($"stop\":{JsonSerializer.Serialize(Enumerable.Range(0, 1000).Select(static i => "s" + i))},\"n\":1"), Cancellation);

        Assert.Contains("at most 4", (await ReadErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_LoneSurrogatesInNames_AreServed()
    {
        var answer = await _server.CompleteAsync("""{"\ud83d":1,"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"\\ud83d\":\"\\udc00\"}"}}]},{"role":"user","content":"b"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"\ud83d":{"\ud83d":2}}}}}],"max_tokens":1}""", Cancellation);

        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
    }

    [Fact]
    public async Task Post_TenThousandLevels_AreRefused()
    {
        using var response = await _server.PostAsync("{\"messages\":" + new string('[', 10_000) + new string(']', 10_000) + "}", Cancellation);

        Assert.Equal("invalid_json", (await ReadErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Post_BytesThatAreNotUtf8_AreRefused()
    {
        var body = Encoding.Latin1.GetBytes("""{"messages":[{"role":"user","content":"é"}]}""");

        using var response = await _server.Client.PostAsync("/v1/chat/completions", new ByteArrayContent(body), Cancellation);

        Assert.Contains("UTF-8", (await ReadErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_LoneSurrogatesAndNul_AreServed()
    {
        var answer = await _server.CompleteAsync("""{"messages":[{"role":"user","content":"a\ud83d\u0000\n\"\udc00b\ud83d\ude00"}],"max_tokens":1}""", Cancellation);

        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
    }

    [Fact]
    public async Task Post_SeventeenMebibytes_AreTooLarge()
    {
        using var response = await _server.PostAsync(Ask("max_tokens\":1", new string('x', 17 << 20)), Cancellation);

        Assert.Equal("request_too_large", (await ReadErrorAsync(response, HttpStatusCode.RequestEntityTooLarge)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(8_000)]
    [InlineData(300_000)]
    [InlineData(15_000_000)]
    public async Task Post_APromptLongerThanTheContext_IsRefusedWithBothNumbers(int length)
    {
        using var response = await _server.PostAsync(Ask("max_tokens\":1", string.Concat(Enumerable.Repeat("42 ", length / 3))), Cancellation);

        var error = await ReadErrorAsync(response, HttpStatusCode.BadRequest);
        Assert.Equal("context_length_exceeded", error.GetProperty("code").GetString());
        Assert.Contains("2048", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Matches("resulted in (at least )?[0-9]{4,} tokens", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Post_HundredThousandMessages_AreRefusedAtOnce()
    {
        var messages = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"a"}""", 100_000));

        using var response = await _server.PostAsync($$"""{"messages":[{{messages}}]}""", Cancellation);

        Assert.Equal("context_length_exceeded", (await ReadErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Post_MaxTokensBeyondTheContext_IsRefused()
    {
        using var response = await _server.PostAsync(Ask("max_tokens\":2048"), Cancellation);

        Assert.Equal("context_length_exceeded", (await ReadErrorAsync(response, HttpStatusCode.BadRequest)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Post_EmptyContent_IsServed()
    {
        var answer = await _server.CompleteAsync("""{"messages":[{"role":"user","content":""}],"max_tokens":2}""", Cancellation);

        Assert.NotEqual(0, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Post_AnotherModel_IsNotFound()
    {
        using var response = await _server.PostAsync(Ask("model\":\"gpt-4o\""), Cancellation);

        Assert.Equal("model_not_found", (await ReadErrorAsync(response, HttpStatusCode.NotFound)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/v1/nothing.txt", HttpStatusCode.NotFound)]
    [InlineData("POST", "/v1/nothing", HttpStatusCode.NotFound)]
    public async Task Send_AnotherPathOrMethod_IsRefusedInOpenAIsShape(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _server.Client.SendAsync(request, Cancellation);

        await ReadErrorAsync(response, status);
    }

    private static string Ask(string fields, string content = "Write a Python function that adds two numbers.") =>
        $$"""{"messages":[{"role":"user","content":{{JsonSerializer.Serialize(content)}}}],"{{fields}}}""";

    private static string Text(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;

    private static string Finish(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString()!;

    private static string StreamedText(List<string> events) => string.Concat(events[..^1]
        .Select(static data => JsonElement.Parse(data).GetProperty("choices")[0].GetProperty("delta"))
        .Select(static delta => delta.TryGetProperty("content", out var content) ? content.GetString() : ""));

    private static async Task<JsonElement> ReadErrorAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(status == response.StatusCode, $"{response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return JsonElement.Parse(body).GetProperty("error");
    }
}
