using System.Buffers;
using System.Diagnostics;
using System.Text;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Guidance;

public sealed class GuidanceVocabularyTests
{
    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    [InlineData("router-nano")]
    public void GetBytes_EveryToken_IsWhatTheTokenizerDecodes(string model)
    {
        var tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model(model), "tokenizer.json"));
        using var vocabulary = new GuidanceVocabulary(tokenizer, new HashSet<int> { 1, 5 });
        var scratch = new ArrayBufferWriter<byte>();
        var whole = new ArrayBufferWriter<byte>();

        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            whole.ResetWrittenCount();
            tokenizer.WriteBytes(token, skipSpecial: false, whole);
            if (whole.WrittenSpan is [0xFF])
            {
                continue; // no text: see below
            }

            var bytes = vocabulary.GetBytes(token, scratch);
            var isControl = tokenizer.IsControl(token) || token is 1 or 5;
            Assert.Equal(isControl, bytes[0] == 0xFF);
            bytes = isControl ? bytes[1..] : bytes;
            Assert.Equal(whole.WrittenSpan, bytes);
            Assert.Equal(tokenizer.Decode([token], skipSpecial: false), Encoding.UTF8.GetString(bytes));
        }
    }

    [Fact]
    public void GetBytes_TheByteThatMarksControlTokens_IsNoText()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        Assert.True(GuidedSampler.Tokenizer.TryGetId("<0xFF>", out var token));

        Assert.True(vocabulary.GetBytes(token, new()).IsEmpty);
    }

    [Fact]
    public async Task Mask_TwoTokensOfTheSameText_AreBothAllowed()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"const":7}"""));
        Assert.True(GuidedSampler.Tokenizer.TryGetId("7", out var piece));
        Assert.True(GuidedSampler.Tokenizer.TryGetId("<0x37>", out var bytes));

        Assert.Equal(new[] { piece, bytes }.Order(), GuidedSampler.Allowed(guide, new float[4096]));
    }

    [Fact]
    public async Task Mask_TextTokenThatEndsAnswers_IsNeverText()
    {
        Assert.True(GuidedSampler.Tokenizer.TryGetId("a", out var end));
        using var vocabulary = new GuidanceVocabulary(GuidedSampler.Tokenizer, new HashSet<int> { end });
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"type":"string"}"""));

        GuidedSampler.Accept(guide, "\"");

        Assert.DoesNotContain(end, GuidedSampler.Allowed(guide, new float[4096]));
    }

    [Fact]
    public void Constructor_NoEndToken_Throws() =>
        Assert.Throws<ArgumentException>(static () => new GuidanceVocabulary(GuidedSampler.Tokenizer, new HashSet<int> { -1, 4096 }));

    [Fact]
    public async Task Handle_AVocabularyOfGemmasSize_IsMadeAndFollowed()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        LargeTokenizer.Write(path, 262_144);
        var tokenizer = BpeTokenizer.Load(path);
        using var vocabulary = new GuidanceVocabulary(tokenizer, new HashSet<int> { 262_143 });
        var clock = Stopwatch.StartNew();

        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"const":true}"""));
        var logits = new float[262_144];
        guide.Mask(logits);

        TestContext.Current.TestOutputHelper?.WriteLine($"made in {clock.Elapsed.TotalMilliseconds:F0} ms");
        Assert.All(Enumerable.Range(0, logits.Length).Where(token => logits[token] == 0), token => Assert.StartsWith("t", tokenizer.Decode([token]), StringComparison.Ordinal));
        Assert.Contains(0f, logits);
    }
}
