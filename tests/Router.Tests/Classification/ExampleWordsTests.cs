using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class ExampleWordsTests
{
    private static readonly string[] _examples = ["freeze my card", "freeze my account", "what is my balance", "カードを止めて"];

    [Fact]
    public void Read_WordOfOneExample_WeighsMoreThanAWordOfAll()
    {
        var words = ExampleWords.Fit(_examples);

        var (rare, common) = (Weight("balance"), Weight("my"));

        Assert.True(rare > common, $"{rare} > {common}");

        // of the two words together, so that the scale is the same; in the order of the features is no meaning
        float Weight(string word)
        {
            var both = words.Read("my balance");
            var of = words.Read(word);
            return of.Features.Max(feature => both.Values[Array.IndexOf(both.Features, feature)]);
        }
    }

    [Fact]
    public void Read_MisspeltWord_StillHasSomeOfItsCharacters()
    {
        var words = ExampleWords.Fit(_examples);

        Assert.NotEmpty(words.Read("balnce").Features.Intersect(words.Read("balance").Features));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("xyzzy quux")]
    public void Read_NothingKnown_IsEmpty(string text)
    {
        Assert.Empty(ExampleWords.Fit(_examples).Read(text).Features);
    }

    [Fact]
    public void Read_TextWithoutSpaces_FindsItsCharacters()
    {
        Assert.NotEmpty(ExampleWords.Fit(_examples).Read("止め").Features);
    }

    [Fact]
    public void Fit_ExamplesInAnotherOrder_GivesTheSameFeatures()
    {
        var (forward, backward) = (ExampleWords.Fit(_examples), ExampleWords.Fit([.. _examples.Reverse()]));

        var (first, second) = (forward.Read("freeze my balance"), backward.Read("freeze my balance"));

        Assert.Equal(first.Features.Zip(first.Values).OrderBy(static pair => pair.First), second.Features.Zip(second.Values).OrderBy(static pair => pair.First));
    }
}
