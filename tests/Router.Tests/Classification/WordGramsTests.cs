using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class WordGramsTests
{
    [Theory]
    [InlineData("hi")]
    [InlineData("Hi")]
    [InlineData(" HI\n")]
    public void FindWords_OneWord_IsOneHashInAnyCasing(string text) => Assert.Equal(Grams("hi"), Grams(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("a b", 3)]
    [InlineData("a b c d", 9)]
    [InlineData("a,b", 6)]
    [InlineData("写代码", 6)]
    [InlineData("用Python写", 6)]
    [InlineData("x_1", 1)]
    public void FindWords_SomeWords_AreOnesTwosAndThrees(string text, int grams) => Assert.Equal(grams, Grams(text).Length);

    [Theory]
    [InlineData("", 0)]
    [InlineData(" \n ", 0)]
    [InlineData("a", 1)] // " a "
    [InlineData("ab", 3)] // two of three characters, one of four
    [InlineData("a b", 2)]
    [InlineData("👍", 1)]
    public void FindCharacters_SomeWords_StayWithinThem(string text, int count)
    {
        var grams = new PooledList<ulong>();

        WordGrams.FindCharacters(text, 3, 5, ref grams);

        Assert.Equal(count, grams.Count);
        grams.Dispose();
    }

    [Theory]
    [InlineData("ab", 6)] // of " ab ": 3 of two characters, 2 of three, 1 of four
    [InlineData("a", 3)]
    [InlineData(" a  b\n", 6)]
    [InlineData("abcdef", 22)] // of " abcdef ": 7 + 6 + 5 + 4
    public void FindCharacters_TwoToFive_StayWithinWords(string text, int count)
    {
        var grams = new PooledList<ulong>();

        WordGrams.FindCharacters(text, 2, 5, ref grams);

        Assert.Equal(count, grams.Count);
        grams.Dispose();
    }

    [Fact]
    public void FindWords_OddText_NeverThrows()
    {
        var random = new Random(3);
        for (var run = 0; run < 2_000; run++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(char.MaxValue + 1))]);

            Assert.All(Grams(text), static gram => Assert.InRange(WordGrams.Bucket(gram, 1 << 18), 0, (1 << 18) - 1));
        }
    }

    private static ulong[] Grams(string text)
    {
        var grams = new PooledList<ulong>();
        WordGrams.FindWords(text, 3, ref grams);
        var found = grams.Items.ToArray();
        grams.Dispose();
        return found;
    }
}
