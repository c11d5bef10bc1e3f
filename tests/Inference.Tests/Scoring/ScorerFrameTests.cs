using RouterGateway.Inference.Scoring;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Scoring;

public sealed class ScorerFrameTests
{
    private readonly BpeTokenizer _tokenizer = BpeTokenizer.Load(Path.Combine(Repository.Model("sample-coding"), "tokenizer.json"));

    [Fact]
    public void Load_AFolderWithATemplate_FramesAsTheTemplateDoes()
    {
        var frame = ScorerFrame.Load(Repository.Model("sample-coding"), _tokenizer);

        var tokens = new[] { frame.EncodeOpening("Choose:\n"), frame.EncodeText("What <turn|> is this?"), frame.EncodeClosing("\nWhich?") };

        Assert.True(frame.HasTemplate);
        Assert.Equal("<bos><|turn>user\nChoose:\n|What <turn|> is this?|\nWhich?<turn|>\n<|turn>model\n", string.Join('|', tokens.Select(part => _tokenizer.Decode(part, skipSpecial: false))));
        Assert.Equal([2, 1, 2], tokens.Select((part, i) => part.Count(_tokenizer.IsSpecial) + (i == 1 ? 1 : 0)));
    }

    [Fact]
    public void Load_AFolderWithoutATemplate_StartsWithTheTokenizersPrefix()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.Delete(folder.File("tokenizer_config.json"));

        var frame = ScorerFrame.Load(folder.Path, _tokenizer);

        Assert.False(frame.HasTemplate);
        Assert.Equal(_tokenizer.Prefix, frame.EncodeOpening("").AsEnumerable());
    }

    [Fact]
    public void Load_ATemplateThatRefusesUsers_IsAFolderFault()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.WriteAllText(folder.File("chat_template.jinja"), "{{ raise_exception('no') }}");

        Assert.Throws<ModelFolderException>(() => ScorerFrame.Load(folder.Path, _tokenizer));
    }

    [Fact]
    public void TryGetAnswerToken_Letters_AreTokensOfTheirOwn()
    {
        var frame = ScorerFrame.Load(Repository.Model("sample-coding"), _tokenizer);

        var tokens = Enumerable.Range('A', 26).Select(letter => frame.TryGetAnswerToken("\nWhich?", ((char)letter).ToString(), out var token) ? token : -1).ToArray();

        Assert.DoesNotContain(-1, tokens);
        Assert.Equal(26, tokens.Distinct().Count());
        Assert.False(frame.TryGetAnswerToken("\nWhich?", "Xyzzyqq", out _));
        Assert.False(frame.TryGetAnswerToken("\nWhich?", "\u0E01", out _)); // three bytes
    }
}
