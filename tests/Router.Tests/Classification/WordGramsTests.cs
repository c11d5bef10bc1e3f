using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class WordGramsTests
{
    [Theory]
    [InlineData("hi")]
    [InlineData("Hi")]
    [InlineData(" HI\n")]
    public void Hash_OneWord_IsOneBucketInAnyCasing(string text) => Assert.Equal(WordGrams.Hash("hi", 1 << 18, 3), WordGrams.Hash(text, 1 << 18, 3));

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("a b", 3)]
    [InlineData("a b c d", 9)]
    [InlineData("a,b", 6)]
    [InlineData("写代码", 6)]
    [InlineData("用Python写", 6)]
    [InlineData("x_1", 1)]
    public void Hash_SomeWords_AreOnesTwosAndThrees(string text, int grams) => Assert.Equal(grams, WordGrams.Hash(text, 1 << 18, 3).Count);

    [Fact]
    public void Hash_OddText_NeverThrows()
    {
        var random = new Random(3);
        for (var run = 0; run < 2_000; run++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(char.MaxValue + 1))]);

            Assert.All(WordGrams.Hash(text, 1 << 18, 3), static b => Assert.InRange(b, 0, (1 << 18) - 1));
        }
    }
}
