using RouterGateway.Gateway.Tools.Selection;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>Words, stems and sequences of characters.</summary>
public sealed class ToolTermsTests
{
    [Theory]
    [InlineData("getHTTPStatus_code", "get http status code")]
    [InlineData("PDF_URLTool", "pdf url tool")]
    [InlineData("Find 3 flights, 20% off!", "find flights off")]
    [InlineData("vector1 5A", "vector1 5 a")]
    [InlineData("用Python写 हिन्दी", "用 python写 हिन्दी")]
    [InlineData("\0😀 \ud800", "")]
    public void Read_AText_FindsItsWords(string text, string words)
    {
        var reader = new WordReader(text, stackalloc char[64]);
        var found = new List<string>();

        while (reader.Read())
        {
            found.Add(reader.Word.ToString());
        }

        Assert.Equal(words.Replace("5 ", "", StringComparison.Ordinal), string.Join(' ', found)); // numbers alone are left out
    }

    [Theory]
    [InlineData("trips", "trip")]
    [InlineData("booking", "book")]
    [InlineData("booked", "book")]
    [InlineData("cities", "city")]
    [InlineData("boxes", "box")]
    [InlineData("running", "run")]
    [InlineData("calculate", "calculat")]
    [InlineData("calculated", "calculat")]
    [InlineData("address", "address")]
    [InlineData("gas", "gas")]
    [InlineData("bus", "bus")]
    public void Of_AWord_TakesItsEndingOff(string word, string stem) => Assert.Equal(stem, EnglishStem.Of(word.ToCharArray()).ToString());

    [Fact]
    public void AddGrams_AWord_AddsEachSequenceOfThreeWithItsBlanks()
    {
        var (rate, rates, a) = (new List<ulong>(), new List<ulong>(), new List<ulong>());

        ToolTerms.AddGrams("rate", rate);
        ToolTerms.AddGrams("Rates", rates);
        ToolTerms.AddGrams("a", a);

        Assert.Equal(4, rate.Count);
        Assert.Equal(3, rate.Intersect(rates).Count());
        Assert.Single(a);
    }

    [Fact]
    public void Score_Bm25_RareTermsAndShortDocumentsWin()
    {
        var index = TermIndex.Bm25([[1, 2], [1, 3], [1, 3, 4, 5, 6, 7]], k1: 1.2, b: 0.75);
        var scores = new float[3];

        index.Score([1, 3, 99], scores);

        Assert.True(scores[1] > scores[2] && scores[2] > scores[0] && scores[0] > 0);
    }

    [Fact]
    public void Score_Coverage_IsTheShareOfTheDocument()
    {
        var index = TermIndex.Coverage([[1, 2], [3], []]);
        var scores = new float[3];

        index.Score([1, 3], scores);

        Assert.Equal([0.5f, 1, 0], scores);
    }
}
