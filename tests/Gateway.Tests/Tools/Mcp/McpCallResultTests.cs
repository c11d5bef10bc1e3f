using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools.Mcp;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

public sealed class McpCallResultTests
{
    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcde")]
    [InlineData("äöü", 5, "äö")]
    [InlineData("a😀b", 4, "a")]
    [InlineData("a😀b", 5, "a😀")]
    [InlineData("", 0, "")]
    public void Cut_AnyText_EndsBetweenCharacters(string text, int maxBytes, string expected) => Assert.Equal(expected, McpCallResult.Cut(text, maxBytes));

    [Fact]
    public void Create_OversizeBlocks_KeepsWhatFits()
    {
        var answer = new CallToolResult
        {
            Content = [new TextContentBlock { Text = "abc" }, ImageContentBlock.FromBytes(new byte[1000], "image/png"), new TextContentBlock { Text = new string('d', 200) }],
        };

        var result = McpCallResult.Create(answer, 100);

        Assert.Equal("abc\n" + new string('d', 96), result.Text);
        Assert.Equal(["abc", new string('d', 97)], result.Blocks!.Select(static block => Assert.IsType<TextContentBlock>(block).Text));
    }
}
