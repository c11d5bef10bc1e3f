using System.Text;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.OpenAI;

namespace RouterGateway.Inference.Tests.OpenAI;

public sealed class ChatCompletionRequestReaderTests
{
    private const string Tools = """
        "tools":[{"type":"function","function":{"name":"a","description":"A.","strict":true,"parameters":{"type":"object"}}},{"type":"function","function":{"name":"b"}}]
        """;

    [Fact]
    public void Read_NothingButMessages_LeavesTheRestToDefaults()
    {
        var chat = Read("");

        Assert.Empty(chat.Prompt.Tools);
        Assert.Null(chat.Prompt.EnableThinking);
        Assert.Null(chat.Format);
        Assert.Null(chat.LikeliestTokens);
        Assert.Equal((1, true), (chat.Choices, chat.SeveralCalls));
    }

    [Fact]
    public void Read_Tools_AreOffered()
    {
        var chat = Read(Tools);

        Assert.Equal([("a", "A.", """{"type":"object"}"""), ("b", "", null)], chat.Prompt.Tools.Select(static tool => (tool.Name, tool.Description, tool.Parameters?.GetRawText())));
        Assert.Null(chat.Format);
    }

    [Theory]
    [InlineData("\"auto\"", 2, "")]
    [InlineData("\"none\"", 0, "")]
    [InlineData("\"required\"", 2, "a,b")]
    [InlineData("""{"type":"function","function":{"name":"b"}}""", 2, "b")]
    public void Read_ToolChoice_SaysWhatIsOfferedAndRequired(string choice, int offered, string required)
    {
        var chat = Read($"""{Tools},"tool_choice":{choice},"parallel_tool_calls":false""");

        Assert.Equal(offered, chat.Prompt.Tools.Count);
        Assert.Equal(required, string.Join(',', chat.Format?.Tools.Select(static tool => tool.Name) ?? []));
        Assert.Equal(required.Length > 0 ? AnswerFormatKind.ToolCalls : null, chat.Format?.Kind);
        Assert.False(chat.Format?.SeveralAllowed ?? false);
        Assert.False(chat.SeveralCalls);
    }

    [Theory]
    [InlineData("""{"type":"text"}""", null, null)]
    [InlineData("""{"type":"json_object"}""", "JsonObject", null)]
    [InlineData("""{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}}""", "JsonSchema", """{"type":"object"}""")]
    public void Read_ResponseFormat_SaysWhatTheAnswerIs(string format, string? kind, string? schema)
    {
        var chat = Read($"\"response_format\":{format},{Tools}");

        Assert.Equal((kind, schema), (chat.Format?.Kind.ToString(), chat.Format?.Schema));
    }

    [Theory]
    [InlineData("""reasoning_effort":"none""", false)]
    [InlineData("""reasoning_effort":"minimal""", true)]
    [InlineData("""reasoning_effort":"high""", true)]
    [InlineData("""chat_template_kwargs":{"enable_thinking":true,"other":1},"user":"u""", true)]
    [InlineData("""chat_template_kwargs":{"enable_thinking":false},"reasoning_effort":"high""", false)]
    [InlineData("""chat_template_kwargs":{},"reasoning_effort":"low""", true)]
    public void Read_ReasoningEffort_SaysWhetherToThink(string fields, bool expected) => Assert.Equal(expected, Read($"\"{fields}\"").Prompt.EnableThinking);

    [Fact]
    public void Read_CallsAndResults_BelongTogether()
    {
        var messages = ReadBody("""
            {"messages":[
              {"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[
                {"id":"1","type":"function","function":{"name":"a","arguments":"{\"x\":1}"}},
                {"id":"2","type":"function","function":{"name":"b","arguments":{"y":[2]}}},
                {"id":"3","type":"function","function":{"name":"c","arguments":""}}]},
              {"role":"tool","tool_call_id":"2","content":[{"type":"text","text":"B"}]},
              {"role":"tool","tool_call_id":"1","content":"A"},
              {"role":"function","name":"old","content":"O"}]}
            """).Prompt.Messages;

        Assert.Equal("hm", messages[0].Reasoning);
        Assert.Equal(["a{\"x\":1}", "b{\"y\":[2]}", "c{}"], messages[0].ToolCalls.Select(static call => call.Name + call.Arguments.GetRawText()));
        Assert.Equal([("b", "2", "B"), ("a", "1", "A"), ("old", null, "O")], messages.Skip(1).Select(static message => (message.ToolName!, message.ToolCallId, message.Content)));
    }

    [Fact]
    public void Read_LogProbabilities_CountTheLikeliest()
    {
        Assert.Equal(0, Read("\"logprobs\":true").LikeliestTokens);
        Assert.Equal(20, Read("\"logprobs\":true,\"top_logprobs\":20").LikeliestTokens);
        Assert.Null(Read("\"logprobs\":false,\"top_logprobs\":0").LikeliestTokens);
    }

    private static ChatCompletionRequest Read(string fields) => ReadBody($$"""{"messages":[{"role":"user","content":"x"}]{{(fields.Length > 0 ? "," : "")}}{{fields}}}""");

    private static ChatCompletionRequest ReadBody(string json) => ChatCompletionRequestReader.Read(Encoding.UTF8.GetBytes(json));
}
