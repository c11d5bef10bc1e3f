using System.Text;
using RouterGateway.Gateway.Streaming;

namespace RouterGateway.Gateway.Tests.Streaming;

public sealed class ServerSentEventsTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "data: a\n\n|data: b\n\n")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\n\r\n|data: b\r\n\r\n")]
    [InlineData("data: a\r\rdata: b\r\r", "data: a\r\r|data: b\r\r")]
    [InlineData(": ping\n\nevent: x\ndata: a\ndata: b\n\n", ": ping\n\n|event: x\ndata: a\ndata: b\n\n")]
    [InlineData("\n\ndata: é😀\n\nrest", "\n|\n|data: é😀\n\n")]
    public void TryTakeEvent_SplitAtEveryByte_FindsTheSameEvents(string stream, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);

        for (var split = 0; split <= bytes.Length; split++)
        {
            var taken = new List<string>();
            var start = Take(bytes.AsSpan(0, split), 0, isEnd: false, taken);
            Take(bytes, start, isEnd: true, taken);
            Assert.Equal(expected, string.Join("|", taken));
        }
    }

    [Fact]
    public void ReadFacts_RoleOnly_IsNoContent()
    {
        var facts = new CompletionFacts();

        ServerSentEvents.ReadFacts("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[],\"refusal\":null},\"finish_reason\":null}]}\n\n"u8, ref facts);

        Assert.Equal(new CompletionFacts(), facts);
    }

    [Theory]
    [InlineData("""data: {"choices":[{"delta":{"content":"x"}}]}""")]
    [InlineData("""data:{"choices":[{"delta":{"reasoning_content":"x"}}]}""")]
    [InlineData("""data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}""")]
    [InlineData("""data: {"choices":[{"text":"x"}]}""")]
    public void ReadFacts_AnythingShown_IsContent(string line)
    {
        var facts = new CompletionFacts();

        ServerSentEvents.ReadFacts(Encoding.UTF8.GetBytes(line + "\n\n"), ref facts);

        Assert.True(facts.HasContent);
        Assert.False(facts.HasError);
    }

    [Theory]
    [InlineData("data: [DONE]", true, false)]
    [InlineData("""data: {"choices":[{"delta":{},"finish_reason":"stop"}]}""", true, false)]
    [InlineData("""data: {"error":{"message":"x"}}""", false, true)]
    [InlineData("event: error\ndata: overloaded", false, true)]
    [InlineData("""data: {"error":null,"choices":[]}""", false, false)]
    [InlineData("data: not json", false, false)]
    [InlineData(": ping", false, false)]
    public void ReadFacts_EndAndError_AreSeen(string lines, bool isFinished, bool hasError)
    {
        var facts = new CompletionFacts();

        ServerSentEvents.ReadFacts(Encoding.UTF8.GetBytes(lines + "\n\n"), ref facts);

        Assert.Equal((isFinished, hasError), (facts.IsFinished, facts.HasError));
    }

    [Fact]
    public void ReadFacts_Usage_IsKept()
    {
        var facts = new CompletionFacts();

        ServerSentEvents.ReadFacts("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":1}}}\n\n"u8, ref facts);

        Assert.Equal((7, 9), (facts.PromptTokens, facts.CompletionTokens));
    }

    private static int Take(ReadOnlySpan<byte> bytes, int start, bool isEnd, List<string> taken)
    {
        while (ServerSentEvents.TryTakeEvent(bytes[start..], isEnd, out var length))
        {
            taken.Add(Encoding.UTF8.GetString(bytes.Slice(start, length)));
            start += length;
        }

        return start;
    }
}
