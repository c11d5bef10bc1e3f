using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Tests.Classification;

public sealed class TfIdfTests
{
    private static readonly GramKind _words = new(TextGrams.FindWords);
    private static readonly GramKind _characters = new(static (text, ref grams) => WordGrams.FindCharacters(text, 2, 5, ref grams));

    [Fact]
    public void Transform_AText_HasLengthOneForWordsAndForCharacters()
    {
        var vector = TfIdf.Fit(["red red blue", "red green"], _words, _characters).Transform("red red blue");

        Assert.Equal(2, vector.Values.Sum(static value => value * value), 5);
        Assert.Equal(vector.Features.Length, vector.Features.Distinct().Count());
    }

    [Fact]
    public void Transform_Words_AreThoseOfScikitLearn()
    {
        // TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True) on these two texts, computed by hand:
        // idf 1 for red (in both), 1 + ln(3/2) for all others; red has 1 + ln 2 = 1.6931, the others 1.4055, length sqrt(1.6931² + 3 x 1.4055²)
        var vector = TfIdf.Fit(["red red blue", "red green"], _words, _characters).Transform("red red blue");

        var words = vector.Values[..4].Order().ToArray(); // red, blue, "red red", "red blue"
        Assert.Equal([0.4740, 0.4740, 0.4740, 0.5710], words.Select(static value => Math.Round(value, 4)));
    }

    [Fact]
    public void Transform_UnknownText_IsEmpty() => Assert.Empty(TfIdf.Fit(["red"], _words, _characters).Transform("汉字").Features);

    [Fact]
    public void Transform_FewerFeaturesThanGrams_KeepsTheFrequentOnes()
    {
        var grams = TfIdf.Fit(["red red blue", "red green"], _words with { Most = 1 });

        Assert.Single(grams.Transform("red").Features);
        Assert.Empty(grams.Transform("blue green").Features);
    }
}
