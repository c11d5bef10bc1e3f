using System.Text;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Gateway.Proxy;

namespace RouterGateway.Gateway.Tests.Proxy;

public sealed class RewrittenBodyTests
{
    [Theory]
    [InlineData("""{"model":"auto","messages":[{"role":"user","content":"hé"}],"x":1.0}""", """{"model":"real/1","messages":[{"role":"user","content":"hé"}],"x":1.0}""")]
    [InlineData("""{ "messages":[{"role":"user","content":"hi"}] , "model" : null }""", """{ "messages":[{"role":"user","content":"hi"}] , "model" : "real/1" }""")]
    [InlineData("""{ "messages":[{"role":"user","content":"hi"}]}""", """{"model":"real/1", "messages":[{"role":"user","content":"hi"}]}""")]
    [InlineData("""{"mod\u0065l":"x","messages":[{"role":"user","content":"hi"}]}""", """{"mod\u0065l":"real/1","messages":[{"role":"user","content":"hi"}]}""")]
    public void Create_AnyBody_ChangesNothingButTheModel(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var (request, _) = ChatRequestReader.Read(bytes);

        using var rewritten = RewrittenBody.Create(bytes, request!, "real/1");

        Assert.Equal(expected, Encoding.UTF8.GetString(rewritten.ToArray()));
        Assert.Equal(0, rewritten.Position);
    }
}
