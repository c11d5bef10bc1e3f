using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class TextGramsTests
{
    [Theory]
    [InlineData("Write a loop", 3)] // write, loop, "write loop": words of one letter do not count
    [InlineData("x", 0)]
    [InlineData("a_b 汉字", 3)]
    [InlineData("", 0)]
    public void FindWords_AText_AreWordsAndPairs(string text, int count) => Assert.Equal(count, Count(TextGrams.FindWords, text));

    [Fact]
    public void FindWords_AnotherCasing_IsTheSame() => Assert.Equal(Grams(TextGrams.FindWords, "write loop"), Grams(TextGrams.FindWords, "WRITE, loop!"));

    private static int Count(GramKind.Finder find, string text) => Grams(find, text).Length;

    private static ulong[] Grams(GramKind.Finder find, string text)
    {
        var grams = new PooledList<ulong>();
        find(text, ref grams);
        var found = grams.Items.ToArray();
        grams.Dispose();
        return found;
    }
}
