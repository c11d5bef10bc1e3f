using System.Text;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Gateway.Tests.Protocols;

public sealed class ChatRequestReaderTests
{
    [Theory]
    [InlineData("image_url", true)]
    [InlineData("input_image", true)]
    [InlineData("image", true)]
    [InlineData("file", false)]
    public void Read_APartOfAnotherType_IsNoTextAndSeenWhenAnImage(string type, bool isImage)
    {
        var body = """{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"?","source":{"text":"b"}}]}]}""".Replace("?", type, StringComparison.Ordinal);

        var prompt = ChatRequestReader.Read(Encoding.UTF8.GetBytes(body)).Request!.Prompt;

        Assert.Equal(("a", isImage), (prompt.Messages[0].Text, prompt.HasImages));
    }

    [Fact]
    public void Read_FullRequest_FindsWhatTheGatewayNeeds()
    {
        const string body = """
            {"messages":[
              {"role":"developer","content":"Be brief."},
              {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:,x"}},{"text":"what is it?","type":"text"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"1","content":"42"}],
             "tools":[{"type":"function","function":{"name":"f"}}],"stream":true,"model":"auto","unknown":{"a":[1,2,{"b":null}]}}
            """;

        var (request, failure) = ChatRequestReader.Read(Encoding.UTF8.GetBytes(body));

        Assert.Null(failure);
        Assert.Equal("auto", request!.Model);
        Assert.Equal("\"auto\"", body[request.ModelValue]);
        Assert.True(request.Stream);
        Assert.True(request.Prompt.HasTools);
        Assert.True(request.Prompt.HasImages);
        Assert.Equal(
            [new PromptMessage(PromptRole.System, "Be brief."), new(PromptRole.User, "Look:\nwhat is it?"), new(PromptRole.Assistant, ""), new(PromptRole.Tool, "42")],
            request.Prompt.Messages);
    }

    [Theory]
    [InlineData("", "invalid_json", null)]
    [InlineData("   ", "invalid_json", null)]
    [InlineData("{", "invalid_json", null)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]} x""", "invalid_json", null)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}""", "invalid_json", null)]
    [InlineData("[]", "invalid_request", null)]
    [InlineData("42", "invalid_request", null)]
    [InlineData("{}", "invalid_request", "messages")]
    [InlineData("""{"messages":[]}""", "invalid_request", "messages")]
    [InlineData("""{"messages":null}""", "invalid_request", "messages")]
    [InlineData("""{"messages":"hi"}""", "invalid_request", "messages")]
    [InlineData("""{"messages":["hi"]}""", "invalid_request", "messages[0]")]
    [InlineData("""{"messages":[{"content":"hi"}]}""", "invalid_request", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"king","content":"hi"}]}""", "invalid_request", "messages[0].role")]
    [InlineData("""{"messages":[{"role":7,"content":"hi"}]}""", "invalid_request", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "invalid_request", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[7]}]}""", "invalid_request", "messages[0].content[0]")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"hi"}]}""", "invalid_request", "model")]
    [InlineData("""{"stream":"yes","messages":[{"role":"user","content":"hi"}]}""", "invalid_request", "stream")]
    [InlineData("""{"tools":{},"messages":[{"role":"user","content":"hi"}]}""", "invalid_request", "tools")]
    [InlineData("""{"model":"a","model":"b","messages":[{"role":"user","content":"hi"}]}""", "invalid_request", "model")]
    [InlineData("""{"messages":[{"role":"user","content":"\ud800"}]}""", "invalid_request", "messages[0].content")]
    public void Read_BadRequest_SaysWhatIsWrong(string body, string code, string? param)
    {
        var (request, failure) = ChatRequestReader.Read(Encoding.UTF8.GetBytes(body));

        Assert.Null(request);
        Assert.Equal(code, GatewayErrorTable.Get(failure!.Error).Code);
        Assert.Equal(param, failure.Param);
    }

    [Fact]
    public void Read_TenThousandLevels_IsRefused()
    {
        var body = """{"messages":""" + new string('[', 10_000) + new string(']', 10_000) + "}";

        var (_, failure) = ChatRequestReader.Read(Encoding.UTF8.GetBytes(body));

        Assert.Equal(GatewayError.InvalidRequest, failure!.Error);
        (_, failure) = ChatRequestReader.Read(Encoding.UTF8.GetBytes("""{"metadata":""" + new string('[', 10_000) + new string(']', 10_000) + "}"));
        Assert.Equal(GatewayError.InvalidJson, failure!.Error);
        Assert.Contains("depth", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Read_CutOrMutatedBytes_NeverThrows()
    {
        var body = Encoding.UTF8.GetBytes("""{"model":"auto","messages":[{"role":"user","content":[{"type":"text","text":"hé 😀"}]}],"tools":[{}],"stream":false}""");
        var random = new Random(5);
        var syntax = "{}[]\",:\\ntu0\u001f"u8.ToArray();

        for (var length = 0; length < body.Length; length++)
        {
            Assert.NotNull(ChatRequestReader.Read(body.AsSpan(0, length)).Failure);
        }

        for (var round = 0; round < 20_000; round++)
        {
            var mutated = (byte[])body.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                mutated[random.Next(mutated.Length)] = syntax[random.Next(syntax.Length)];
            }

            var (request, failure) = ChatRequestReader.Read(mutated);
            Assert.True(request is null != failure is null);
        }
    }
}
