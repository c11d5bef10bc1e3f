using System.Text;
using RouterGateway.Gateway.Tools.Mcp;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

public sealed class BoundedMessageStreamTests
{
    [Theory]
    [InlineData("Line", "12345678\n12345678\n", true)]
    [InlineData("Line", "123456789\n", false)]
    [InlineData("EmptyLine", "1234\r\n\r\n1234\n\n1234", true)]
    [InlineData("EmptyLine", "1234\n1234\n1234\n\n", false)]
    [InlineData("Stream", "12345678", true)]
    [InlineData("Stream", "1234\n\n1234", false)]
    public async Task ReadAsync_AnyPieces_BoundsMessages(string end, string text, bool fits)
    {
        for (var piece = 1; piece <= text.Length; piece++)
        {
            using var stream = new BoundedMessageStream(new MemoryStream(Encoding.ASCII.GetBytes(text)), 8, Enum.Parse<MessageEnd>(end));
            var buffer = new byte[piece];
            var read = new StringBuilder();

            var fault = await Record.ExceptionAsync(async () =>
            {
                while (await stream.ReadAsync(buffer) is > 0 and var count)
                {
                    read.Append(Encoding.ASCII.GetString(buffer, 0, count));
                }
            });

            Assert.Equal(fits, fault is null);
            Assert.True(fits ? read.ToString() == text : fault is IOException);
        }
    }

    [Fact]
    public async Task ReadAsync_End_IsToldOnce()
    {
        var ends = 0;
        using var stream = new BoundedMessageStream(new MemoryStream("ab"u8.ToArray()), 8, MessageEnd.Line, () => ends++);
        var buffer = new byte[8];

        Assert.Equal(2, await stream.ReadAsync(buffer));
        Assert.Equal(0, ends);
        Assert.Equal(0, await stream.ReadAsync(buffer));
        Assert.Equal(0, await stream.ReadAsync(buffer));
        Assert.Equal(1, ends);
    }
}
