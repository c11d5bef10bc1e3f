using System.Net;
using System.Text.Json;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class ChatToolsTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"read_file","description":"Reads a file.","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}]
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Tools_ArePartOfThePrompt(bool hasTemplate)
    {
        using var folder = hasTemplate ? Gemma4Format.CopyOf("sample-coding") : TemporaryFolder.CopyOf("sample-coding");
        await using var server = await TestServer.StartAsync(folder: folder.Path);

        var plain = PromptTokens(await server.CompleteAsync(Ask("\"max_tokens\":1"), Cancellation));
        var offered = PromptTokens(await server.CompleteAsync(Ask($"{Tools},\"max_tokens\":1"), Cancellation));
        var none = PromptTokens(await server.CompleteAsync(Ask($"{Tools},\"tool_choice\":\"none\",\"max_tokens\":1"), Cancellation));
        var loop = await server.CompleteAsync(
            $$$"""
            {"messages":[{"role":"user","content":"Read a."},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"read_file","arguments":"{\"path\":\"a\"}"}}]},
              {"role":"tool","tool_call_id":"c","content":"DATA"}],{{{Tools}}},"max_tokens":4,"parallel_tool_calls":false}
            """,
            Cancellation);

        Assert.True(offered > plain + 10);
        Assert.Equal(plain, none);
        Assert.True(PromptTokens(loop) > offered);
    }

    [Fact]
    public async Task Post_Thinking_IsPartOfThePrompt()
    {
        using var folder = Gemma4Format.CopyOf("sample-coding");
        await using var server = await TestServer.StartAsync(folder: folder.Path);

        var counts = new List<int>();
        foreach (var field in new[] { "\"seed\":1", "\"reasoning_effort\":\"none\"", "\"chat_template_kwargs\":{\"enable_thinking\":false}", "\"reasoning_effort\":\"low\"", "\"chat_template_kwargs\":{\"enable_thinking\":true}" })
        {
            counts.Add(PromptTokens(await server.CompleteAsync(Ask(field + ",\"max_tokens\":1"), Cancellation)));
        }

        Assert.Equal(counts[0], counts[1]);
        Assert.Equal(counts[0], counts[2]);
        Assert.NotEqual(counts[0], counts[3]);
        Assert.Equal(counts[3], counts[4]);
    }

    [Fact]
    public async Task Post_SeveralChoices_AreToldApartAndTheirTokensSummed()
    {
        await using var server = await TestServer.StartAsync();
        const string Fields = "\"n\":3,\"seed\":5,\"temperature\":1.2,\"max_tokens\":12";

        var answer = await server.CompleteAsync(Ask(Fields), Cancellation);
        var single = await server.CompleteAsync(Ask(Fields.Replace("\"n\":3,\"seed\":5", "\"seed\":7", StringComparison.Ordinal)), Cancellation);
        var events = await server.StreamAsync(Ask(Fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"), Cancellation);

        var choices = answer.GetProperty("choices").EnumerateArray().ToArray();
        Assert.Equal([0, 1, 2], choices.Select(static choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(PromptTokens(single), PromptTokens(answer));
        Assert.InRange(answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 3, 36);
        Assert.Equal(Content(single.GetProperty("choices")[0].GetProperty("message")), Content(choices[2].GetProperty("message"))); // seed 5 + 2

        var chunks = events[..^1].Select(static data => JsonElement.Parse(data)).ToArray();
        Assert.Equal(answer.GetProperty("usage").GetProperty("total_tokens").GetInt32(), chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        for (var i = 0; i < 3; i++)
        {
            var own = chunks[..^1].Select(static chunk => chunk.GetProperty("choices")[0]).Where(choice => choice.GetProperty("index").GetInt32() == i).ToArray();
            Assert.Equal("assistant", own[0].GetProperty("delta").GetProperty("role").GetString());
            Assert.Equal(choices[i].GetProperty("finish_reason").GetString(), own[^1].GetProperty("finish_reason").GetString());
            Assert.All(own[..^1], static choice => Assert.Equal(JsonValueKind.Null, choice.GetProperty("finish_reason").ValueKind));
            Assert.Equal(Content(choices[i].GetProperty("message")), string.Concat(own.Select(static choice => Content(choice.GetProperty("delta")))));
        }
    }

    [Fact]
    public async Task Post_MoreChoicesThanTheQueueTakes_AreRefusedWhole()
    {
        using var folder = EndlessModel.Create();
        await using var server = await TestServer.StartAsync(maxSequences: 1, maxQueue: 1, folder: folder.Path);

        using var response = await server.PostAsync(Ask("\"n\":3,\"max_tokens\":100000"), Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        JsonElement after; // none of the three is left running, or this one would wait for ever
        do
        {
            using var next = await server.PostAsync(Ask("\"max_tokens\":2"), Cancellation);
            after = JsonElement.Parse(await next.Content.ReadAsStringAsync(Cancellation));
        }
        while (after.TryGetProperty("error", out _));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("server_is_overloaded", body, StringComparison.Ordinal);
        Assert.Equal("length", after.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Post_LogProbabilities_AreThoseOfTheContent()
    {
        await using var server = await TestServer.StartAsync();
        const string Fields = "\"logprobs\":true,\"top_logprobs\":2,\"max_tokens\":10,\"temperature\":0";

        var answer = await server.CompleteAsync(Ask(Fields), Cancellation);
        var events = await server.StreamAsync(Ask(Fields + ",\"stream\":true"), Cancellation);

        var choice = answer.GetProperty("choices")[0];
        var tokens = choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().ToArray();
        Assert.Equal(Content(choice.GetProperty("message")), Bytes(tokens));
        Assert.All(tokens, static token => Assert.True(token.GetProperty("logprob").GetDouble() <= 0 && token.GetProperty("top_logprobs").GetArrayLength() <= 2 && token.GetProperty("token").GetString() is not null));
        var streamed = events[..^1].Select(static data => JsonElement.Parse(data).GetProperty("choices")[0].GetProperty("logprobs"))
            .Where(static part => part.ValueKind == JsonValueKind.Object).SelectMany(static part => part.GetProperty("content").EnumerateArray()).ToArray();
        Assert.Equal(tokens.Select(static token => token.GetProperty("token").GetString()), streamed.Select(static token => token.GetProperty("token").GetString()));

        static string Bytes(JsonElement[] tokens) =>
            System.Text.Encoding.UTF8.GetString([.. tokens.SelectMany(static token => token.GetProperty("bytes").EnumerateArray()).Select(static value => value.GetByte())]);
    }

    [Fact]
    public async Task Post_WithoutLogProbabilities_SaysNull()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.CompleteAsync(Ask("\"max_tokens\":2"), Cancellation);

        Assert.Equal(JsonValueKind.Null, answer.GetProperty("choices")[0].GetProperty("logprobs").ValueKind);
        Assert.Equal(0, answer.GetProperty("usage").GetProperty("completion_tokens_details").GetProperty("reasoning_tokens").GetInt32());
        Assert.True(answer.GetProperty("usage").GetProperty("prompt_tokens_details").TryGetProperty("cached_tokens", out _));
    }

    private static string Ask(string fields) => $$"""{"messages":[{"role":"user","content":"Write a Python function that adds two numbers."}],{{fields}}}""";

    private static int PromptTokens(JsonElement answer) => answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();

    private static string? Content(JsonElement message) => message.TryGetProperty("content", out var content) ? content.GetString() : "";
}
