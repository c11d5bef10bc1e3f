using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Engine;

public sealed class AnswerGuideTests : IDisposable
{
    private static readonly HashSet<int> _ends = [1, 5];

    private readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));
    private readonly GuidanceVocabulary _vocabulary;

    public AnswerGuideTests() => _vocabulary = new GuidanceVocabulary(_tokenizer, _ends);

    public void Dispose() => _vocabulary.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mask_WithinThoughts_AllowsAnyTextAndNoEndButTheirOwn(bool isThinking)
    {
        var thoughts = ThoughtMarks.Find(_tokenizer, _ends, _tokenizer.VocabularySize)!;
        using var guide = new AnswerGuide(await TokenGuide.CreateAsync(_vocabulary, AnswerGrammar.JsonObject()), thoughts, isThinking);
        var letter = Allowed(guide)[^1];
        if (!isThinking)
        {
            Assert.Contains(thoughts.Opening, Allowed(guide));
            guide.Accept(thoughts.Opening);
        }

        var within = Allowed(guide);
        guide.Accept(letter);
        guide.Accept(thoughts.Closing);
        var after = Allowed(guide);

        Assert.DoesNotContain(within, token => _ends.Contains(token) || (token != thoughts.Closing && _tokenizer.IsSpecial(token)));
        Assert.Contains(thoughts.Closing, within);
        Assert.True(within.Length > 4000, $"{within.Length} tokens of text");
        Assert.All(after, token => Assert.StartsWith("{", _tokenizer.Decode([token]), StringComparison.Ordinal));
        Assert.False(guide.IsComplete);
    }

    private int[] Allowed(AnswerGuide guide)
    {
        var logits = new float[_tokenizer.VocabularySize];
        guide.Mask(logits);
        return [.. Enumerable.Range(0, logits.Length).Where(token => float.IsFinite(logits[token]))];
    }
}
