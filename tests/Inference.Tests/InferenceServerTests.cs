using System.Text.Json;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests;

public sealed class InferenceServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public async Task RunAsync_AShippedModel_AnswersAChat(string model)
    {
        await using var server = await TestServer.StartAsync(model);

        var answer = await server.CompleteAsync("""{"messages":[{"role":"user","content":"Write a Python function that adds two numbers."}],"max_tokens":40}""", Cancellation);

        TestContext.Current.TestOutputHelper?.WriteLine(answer.GetRawText());
        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.Equal(model, answer.GetProperty("model").GetString());
        var choice = answer.GetProperty("choices")[0];
        Assert.Equal("assistant", choice.GetProperty("message").GetProperty("role").GetString());
        var usage = answer.GetProperty("usage");
        Assert.InRange(usage.GetProperty("completion_tokens").GetInt32(), 1, 40);
        Assert.Equal(
            usage.GetProperty("total_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens").GetInt32() + usage.GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task RunAsync_Stopped_EndsWithZero()
    {
        var server = await TestServer.StartAsync();

        Assert.Equal(0, await server.StopAsync());
        await server.DisposeAsync();
    }

    [Fact]
    public async Task RunAsync_Streamed_GivesTheTextOfTheWholeAnswer()
    {
        await using var server = await TestServer.StartAsync();
        const string Request = """{"messages":[{"role":"user","content":"Sort a list in C#."}],"max_tokens":30,"temperature":0""";

        var whole = await server.CompleteAsync(Request + "}", Cancellation);
        var events = await server.StreamAsync(Request + ""","stream":true,"stream_options":{"include_usage":true}}""", Cancellation);

        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].Select(static data => JsonElement.Parse(data)).ToArray();
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(whole.GetProperty("usage").GetRawText(), chunks[^1].GetProperty("usage").GetRawText());
        Assert.Equal(
            whole.GetProperty("choices")[0].GetProperty("finish_reason").GetString(),
            chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        var text = string.Concat(chunks[1..^2].Select(static chunk => Delta(chunk).GetProperty("content").GetString()));
        Assert.Equal(whole.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), text);
    }

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");
}
