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

    [Theory]
    [InlineData("ab", 6)] // of " ab ": 3 of two characters, 2 of three, 1 of four
    [InlineData("a", 3)]
    [InlineData(" a  b\n", 6)]
    [InlineData("abcdef", 22)] // of " abcdef ": 7 + 6 + 5 + 4
    public void FindCharacters_AText_StayWithinWords(string text, int count) => Assert.Equal(count, Count(static (text, ref grams) => TextGrams.FindCharacters(text, 2, 5, ref grams), text));

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
