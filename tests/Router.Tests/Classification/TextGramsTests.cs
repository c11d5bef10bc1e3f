using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class TextGramsTests
{
    [Theory]
    [InlineData("Write a loop", 3)] // write, loop, "write loop": words of one letter do not count
    [InlineData("x", 0)]
    [InlineData("a_b 汉字", 3)]
    [InlineData("", 0)]
    public void OfWords_AText_AreWordsAndPairs(string text, int count) => Assert.Equal(count, TextGrams.OfWords(text).Count());

    [Fact]
    public void OfWords_AnotherCasing_IsTheSame() => Assert.Equal(TextGrams.OfWords("write loop"), TextGrams.OfWords("WRITE, loop!"));

    [Theory]
    [InlineData("ab", 6)] // of " ab ": 3 of two characters, 2 of three, 1 of four
    [InlineData("a", 3)]
    [InlineData(" a  b\n", 6)]
    [InlineData("abcdef", 22)] // of " abcdef ": 7 + 6 + 5 + 4
    public void OfCharacters_AText_StayWithinWords(string text, int count) => Assert.Equal(count, TextGrams.OfCharacters(text, 2, 5).Count());
}
