using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Prompts;

public sealed class HeadAndTailTests
{
    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefgh", 5, "ab\ngh")]
    [InlineData("", 2, "")]
    public void Cut_AText_KeepsItsEnds(string text, int longest, string expected) => Assert.Equal(expected, HeadAndTail.Cut(text, longest));

    [Fact]
    public void Cut_SurrogatePairs_NeverSplitsOne()
    {
        var text = string.Concat(Enumerable.Repeat("😀", 50));
        for (var longest = 4; longest < 100; longest++)
        {
            var cut = HeadAndTail.Cut(text, longest);

            Assert.InRange(cut.Length, longest - 3, longest);
            Assert.DoesNotContain('\uFFFD', new string([.. cut.EnumerateRunes().SelectMany(static r => r.ToString())]));
        }
    }
}
