using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class ChatCompletionWriterTests
{
    private const string Head = """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":5,"model":"m","choices":[""";

    private static readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    [Fact]
    public void WritePart_EveryKind_HasOpenAIsShape()
    {
        var text = Write(writer =>
        {
            writer.WriteRole(1);
            writer.WritePart(0, new AnswerPart(AnswerPartKind.Reasoning, "hm"));
            writer.WritePart(0, new AnswerPart(AnswerPartKind.Content, "a \"b\"é"));
            writer.WritePart(0, new AnswerPart(AnswerPartKind.CallStart, "read") { Call = 2, CallId = "call_x" });
            writer.WritePart(0, new AnswerPart(AnswerPartKind.CallArguments, "{\"a\"") { Call = 2 });
            writer.WritePart(0, new AnswerPart(AnswerPartKind.CallEnd, "") { Call = 2 });
            writer.WritePart(0, new AnswerPart(AnswerPartKind.CallBroken, "") { Call = 2 });
            writer.WriteFinish(1, "tool_calls");
            writer.WriteUsageChunk(new TokenUsage(10, 4, 7, 3));
            writer.WriteDone();
        });

        Assert.Equal(
            [
                Head + """{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""",
                Head + """{"index":0,"delta":{"reasoning_content":"hm"},"logprobs":null,"finish_reason":null}]}""",
                Head + """{"index":0,"delta":{"content":"a \"b\"é"},"logprobs":null,"finish_reason":null}]}""",
                Head + """{"index":0,"delta":{"tool_calls":[{"index":2,"id":"call_x","type":"function","function":{"name":"read","arguments":""}}]},"logprobs":null,"finish_reason":null}]}""",
                Head + """{"index":0,"delta":{"tool_calls":[{"index":2,"function":{"arguments":"{\"a\""}}]},"logprobs":null,"finish_reason":null}]}""",
                Head + """{"index":1,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}]}""",
                Head + """],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}""",
                "[DONE]",
            ],
            text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static data => data["data: ".Length..]));
    }

    [Fact]
    public void WriteCompletion_SeveralChoices_HaveOpenAIsShape()
    {
        var calls = new CollectedAnswer();
        calls.Add(new AnswerPart(AnswerPartKind.Reasoning, "hm"));
        calls.Add(new AnswerPart(AnswerPartKind.CallStart, "read") { CallId = "call_x" });
        calls.Add(new AnswerPart(AnswerPartKind.CallArguments, "{}"));
        calls.Add(new AnswerPart(AnswerPartKind.CallEnd, ""));
        calls.Add(new AnswerPart(AnswerPartKind.CallStart, "broken") { CallId = "call_y", Call = 1 });
        calls.Add(new AnswerPart(AnswerPartKind.CallArguments, "{\"a\":") { Call = 1 });
        calls.Add(new AnswerPart(AnswerPartKind.CallBroken, "") { Call = 1 });

        var text = Write(writer => writer.WriteCompletion([(new CollectedAnswer(), "stop"), (calls, "tool_calls")], new TokenUsage(1, 0, 2, 0)));

        Assert.Equal(
            """{"id":"chatcmpl-1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":"stop"},"""
            + """{"index":1,"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"call_x","type":"function","function":{"name":"read","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"""
            + "\"usage\":" + """{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}""",
            text);
    }

    [Fact]
    public void WritePart_LogProbabilities_HaveTokensAndTheirBytes()
    {
        Assert.True(_tokenizer.TryGetId("<0xF0>", out var partial));
        Assert.True(_tokenizer.TryGetId("<turn|>", out var turn));
        var token = new GeneratedToken(partial, -0.5f, [new(partial, -0.5f), new(turn, float.NegativeInfinity)]);

        var text = Write(writer => writer.WritePart(0, new AnswerPart(AnswerPartKind.Content, "x") { Tokens = [token] }), new LogProbabilityWriter(_tokenizer));

        var choice = JsonElement.Parse(text["data: ".Length..]).GetProperty("choices")[0];
        Assert.Equal(
            """{"content":[{"token":"�","logprob":-0.5,"bytes":[240],"top_logprobs":[{"token":"�","logprob":-0.5,"bytes":[240]},{"token":"<turn|>","logprob":-9999,"bytes":[60,116,117,114,110,124,62]}]}],"refusal":null}""",
            choice.GetProperty("logprobs").GetRawText());
    }

    private static string Write(Action<ChatCompletionWriter> write, LogProbabilityWriter? logProbabilities = null)
    {
        var bytes = new MemoryStream();
        var pipe = PipeWriter.Create(bytes);
        using (var writer = new ChatCompletionWriter(pipe, "chatcmpl-1", 5, "m", logProbabilities))
        {
            write(writer);
        }

        pipe.Complete();
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
