using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Tests.Evaluation;

public sealed class PromptPerturberTests
{
    private const string Text = "Write a Python function that reads a file and returns its lines in reverse order, please?";

    [Fact]
    public void Apply_Typos_ChangesFewWordsAndAlwaysTheSame()
    {
        var typed = PromptPerturber.Apply(Perturbation.Typos, Text);

        var changed = Text.Split(' ').Zip(typed.Split(' ')).Count(static pair => pair.First != pair.Second);
        Assert.InRange(changed, 1, 5);
        Assert.Equal(Text.Count(static c => c == ' '), typed.Count(static c => c == ' '));
        Assert.Equal(typed, PromptPerturber.Apply(Perturbation.Typos, Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a is to of")]
    [InlineData("汉字 123 ?!")]
    public void Apply_TyposWithoutLongWords_ChangesNothing(string text) => Assert.Equal(text, PromptPerturber.Apply(Perturbation.Typos, text));

    [Fact]
    public void Apply_TyposInManyTexts_ChangesOneWordInAboutTwelve()
    {
        var words = Enumerable.Range(0, 2_000).Select(static i => "word" + (char)('a' + (i % 26))).ToArray();

        var typed = PromptPerturber.Apply(Perturbation.Typos, string.Join(' ', words)).Split(' ');

        Assert.InRange(words.Zip(typed).Count(static pair => pair.First != pair.Second), 100, 230);
    }

    [Fact]
    public void Apply_Casing_KeepsTheLettersAndUsesEveryKind()
    {
        string[] texts = [.. Enumerable.Range(0, 50).Select(static i => $"Write loop {i}")];

        var changed = texts.Select(static text => PromptPerturber.Apply(Perturbation.Casing, text)).ToArray();

        Assert.Equal(texts, changed, StringComparer.OrdinalIgnoreCase);
        Assert.Equal(["WRITE", "Write", "write"], changed.Select(static text => text.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Who? Me?! ", "Who? Me")]
    [InlineData("谁？", "谁")]
    [InlineData("no end", "no end")]
    [InlineData("???", "???")]
    public void Apply_Punctuation_RemovesTheLast(string text, string expected) => Assert.Equal(expected, PromptPerturber.Apply(Perturbation.Punctuation, text));

    [Fact]
    public void Perturb_Topic_PutsAPromptOfAnotherLabelBefore()
    {
        LabeledPrompt[] prompts = [new(Prompt.FromText("a"), "x", 1), new(Prompt.FromText("b"), "y", 2), new(Prompt.FromText("c"), "x", 3)];

        var (perturbed, changed) = RouterEvaluator.Perturb(prompts, Perturbation.Topic);

        Assert.Equal(3, changed);
        Assert.Equal(["x", "y", "x"], perturbed.Select(static prompt => prompt.RouteId));
        Assert.Equal(["b", "", "a"], perturbed[0].Prompt.Messages.Select(static message => message.Text));
        Assert.Contains(perturbed[1].Prompt.Messages[0].Text, new[] { "a", "c" });
    }
}
