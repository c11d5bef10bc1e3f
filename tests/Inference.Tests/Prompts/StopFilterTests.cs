using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Tests.Prompts;

public sealed class StopFilterTests
{
    [Fact]
    public void Append_NoStops_PassesEverythingAtOnce()
    {
        var filter = new StopFilter([]);

        Assert.Equal("abc", filter.Append("abc"));
        Assert.Equal("", filter.Flush());
    }

    [Fact]
    public void Append_TextThatMayBeginAStop_IsHeldBack()
    {
        var filter = new StopFilter(["END", "enough"]);

        Assert.Equal("the ", filter.Append("the E"));
        Assert.Equal("", filter.Append("N"));
        Assert.Equal("ENd ", filter.Append("d en"));
        Assert.Equal("eno", filter.Append("o") + filter.Flush());
        Assert.False(filter.IsStopped);
    }

    [Theory]
    [InlineData("aab", "aaab")]
    [InlineData("abab", "abaabab")]
    [InlineData("\n\n", "x\ny\n\nz")]
    [InlineData("x", "x")]
    [InlineData("😀!", "a😀😀!b")]
    public void Append_AStopCutAnywhere_EndsTheTextBeforeIt(string stop, string text)
    {
        var expected = text[..text.IndexOf(stop, StringComparison.Ordinal)];
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var filter = new StopFilter([stop, "never"]);

            var given = filter.Append(text[..cut]) + filter.Append(text[cut..]) + filter.Flush();

            Assert.True(filter.IsStopped);
            Assert.Equal(expected, given);
        }
    }

    [Fact]
    public void Append_RandomTexts_GiveWhatSearchingTheWholeTextGives()
    {
        var random = new Random(2);
        for (var round = 0; round < 2000; round++)
        {
            string[] stops = [Letters(random, random.Next(1, 5)), Letters(random, random.Next(1, 5))];
            var text = Letters(random, random.Next(0, 40));
            var filter = new StopFilter(stops);
            var given = string.Concat(text.Chunk(3).Select(part => filter.Append(new string(part)))) + filter.Flush();

            var ends = stops.Select(stop => (Start: text.IndexOf(stop, StringComparison.Ordinal), stop.Length)).Where(static hit => hit.Start >= 0).ToArray();
            var end = ends.Length == 0 ? text.Length : ends.OrderBy(static hit => hit.Start + hit.Length).ThenBy(static hit => hit.Start).First().Start;
            Assert.Equal(ends.Length > 0, filter.IsStopped);
            Assert.True(given == text[..end] || given.Length > end && ends.Any(hit => hit.Start == given.Length), $"{text} {stops[0]} {stops[1]} -> {given}");
        }
    }

    private static string Letters(Random random, int length) => string.Create(length, random, static (span, random) =>
    {
        foreach (ref var c in span)
        {
            c = (char)random.Next('a', 'c');
        }
    });
}
