using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Tokenization;

public sealed class StreamingDetokenizerTests
{
    private static readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    [Theory]
    [InlineData("plain text")]
    [InlineData("日本語 and 😀👩‍👩‍👧 mixed")]
    [InlineData("é\u0301\0\uFFFD")]
    public void Append_TokenByToken_GivesTheTextInWholeCharacters(string text)
    {
        var tokens = new List<int>();
        _tokenizer.Encode(text, tokens);
        var detokenizer = new StreamingDetokenizer(_tokenizer);

        var parts = tokens.Select(detokenizer.Append).Append(detokenizer.Flush()).ToArray();

        Assert.Equal(text, string.Concat(parts));
        Assert.All(parts, static part => Assert.True(part.Length == 0 || (!char.IsLowSurrogate(part[0]) && !char.IsHighSurrogate(part[^1]))));
    }

    [Fact]
    public void Append_UnfinishedCharacter_IsHeldBackUntilFlush()
    {
        var detokenizer = new StreamingDetokenizer(_tokenizer);

        Assert.Equal("", detokenizer.Append(ByteToken(0xF0)));
        Assert.Equal("", detokenizer.Append(ByteToken(0x9F)));
        Assert.Equal("\uFFFD", detokenizer.Flush());
        Assert.Equal("", detokenizer.Flush());
    }

    [Fact]
    public void Append_AnyBytes_TogetherGiveWhatDecodeGives()
    {
        var random = new Random(4);
        for (var round = 0; round < 500; round++)
        {
            var tokens = Enumerable.Range(0, 12).Select(_ => random.Next(4) == 0 ? random.Next(_tokenizer.VocabularySize) : ByteToken(random.Next(0x70, 0x100))).ToArray();
            var detokenizer = new StreamingDetokenizer(_tokenizer);

            var streamed = string.Concat(tokens.Select(detokenizer.Append)) + detokenizer.Flush();

            Assert.Equal(_tokenizer.Decode(tokens), streamed);
        }
    }

    [Fact]
    public void Append_SpecialToken_YieldsNothingUnlessAsked()
    {
        Assert.True(_tokenizer.TryGetId("<eos>", out var eos));

        Assert.Equal("", new StreamingDetokenizer(_tokenizer).Append(eos));
        Assert.Equal("<eos>", new StreamingDetokenizer(_tokenizer, skipSpecial: false).Append(eos));
    }

    private static int ByteToken(int value)
    {
        Assert.True(_tokenizer.TryGetId($"<0x{value:X2}>", out var id));
        return id;
    }
}
