using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterExplanationTests : IDisposable
{
    private readonly RoutesFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ExplainAsync_SureClassifier_SaysWhatItNeededAndHad()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0));

        var explanation = await router.Router.ExplainAsync(Prompt.FromText("<system-reminder>x</system-reminder>Write a loop"), Token);

        Assert.Equal("coding is likeliest with 0.90, at least the 0.50 it needs, and 0.80 ahead of general, at least the margin of 0.10.", explanation.Reason);
        Assert.Equal(("Write a loop", "Write a loop", TextScope.LastUser), (explanation.Ask, explanation.Text, explanation.Scope));
        Assert.Equal([new TextChange(TextChangeKind.Stripped, "<system-reminder>", 36)], explanation.Changes);
        Assert.Equal((0.5, 0.8), (explanation.MinConfidence, Math.Round(explanation.Margin, 9)));
        Assert.Equal((false, false, false), (explanation.HasContext, explanation.HasImages, explanation.HasTools));
        Assert.Null(explanation.Inspection); // this classifier has no vectors
    }

    [Theory]
    [InlineData(0.45, "coding is likeliest with 0.55, less than the 0.70 it needs, so the default route general is taken.", "0.7")]
    [InlineData(0.46, "coding is likeliest with 0.54, but only 0.08 ahead of general, less than the margin of 0.10, so the default route general is taken.", "0.5")]
    public async Task ExplainAsync_UnsureClassifier_SaysWhatWasMissing(double other, string reason, string minConfidence)
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"fallbacks\"", $"\"minConfidence\": {minConfidence}, \"fallbacks\"", StringComparison.Ordinal));
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0, 1 - other));

        var explanation = await router.Router.ExplainAsync(Prompt.FromText("Hm"), Token);

        Assert.Equal(reason, explanation.Reason);
        Assert.Equal(DecisionOutcome.DefaultLowConfidence, explanation.Decision.Outcome);
    }

    [Theory]
    [InlineData("{ \"keywords\": [\"sql\"] }", RuleKind.Keyword, "The ask holds the keyword \"sql\" of coding, so coding is taken and nothing is classified.")]
    [InlineData("{ \"regex\": [\"S.L\"] }", RuleKind.Regex, "The ask matches the expression S.L of coding, so coding is taken and nothing is classified.")]
    [InlineData("{ \"hasImages\": true }", RuleKind.HasImages, "A message carries an image (rules.hasImages of coding), so coding is taken and nothing is classified.")]
    [InlineData("{ \"hasTools\": true }", RuleKind.HasTools, "The request offers tools (rules.hasTools of coding), so coding is taken and nothing is classified.")]
    public async Task ExplainAsync_RuleMatches_NamesIt(string rules, RuleKind kind, string reason)
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", $"\"rules\": {rules}", StringComparison.Ordinal));
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(1));

        var explanation = await router.Router.ExplainAsync(Prompt.FromText("Some SQL please") with { HasImages = true, HasTools = true }, Token);

        Assert.Equal((DecisionOutcome.Rule, kind), (explanation.Decision.Outcome, explanation.Rule!.Kind));
        Assert.Equal(reason, explanation.Reason);
    }

    [Fact]
    public async Task ExplainAsync_NothingSaid_SaysSo()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0));

        var explanation = await router.Router.ExplainAsync(Prompt.FromText(" "), Token);

        Assert.Equal("No message of the person says anything, so the default route general is taken.", explanation.Reason);
    }

    [Fact]
    public async Task ExplainAsync_ThrowingClassifier_SaysSo()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new ThrowingClassifier());

        var explanation = await router.Router.ExplainAsync(Prompt.FromText("Write a loop"), Token);

        Assert.Equal("The classifier failed (the log says how), so the default route general is taken.", explanation.Reason);
    }

    [Fact]
    public async Task ExplainAsync_ShippedRoutes_DecidesAsRequestsAreAndFindsTheExample()
    {
        ShippedRoutes.SkipWithoutModels();
        _folder.Write(ShippedRoutes.Text);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new GemmaPromptClassifier(NullLogger<GemmaPromptClassifier>.Instance));
        string[] prompts = ["sort a list of tuples by the second element", "What is 17 times 23?", "hm", new string('x', 5_000) + " please", "\ud800\0"];
        foreach (var prompt in prompts)
        {
            var decision = await router.Router.RouteAsync(Prompt.FromText(prompt), Token);

            var explanation = await router.Router.ExplainAsync(Prompt.FromText(prompt), Token);

            Assert.Equal((decision.Route.Id, decision.Outcome, decision.Confidence), (explanation.Decision.Route.Id, explanation.Decision.Outcome, explanation.Decision.Confidence));
            Assert.Equal(decision.Scores, explanation.Decision.Scores);
            Assert.Equal(5, explanation.Inspection!.Nearest.Length);
            Assert.Equal(explanation.Inspection.Nearest.OrderByDescending(static example => example.Similarity), explanation.Inspection.Nearest);
        }

        var code = string.Concat(Enumerable.Range(0, 400).Select(static i => $"var value{i} = Compute({i});\n"));
        var pasted = await router.Router.ExplainAsync(Prompt.FromText($"```\n{code}```\nTranslate the comments above into German\n```\n{code}```"), Token);
        Assert.Equal(pasted.Decision.TextTokens, pasted.Inspection!.TokensRead); // the model reads all of it, the ask in the middle too

        var own = await router.Router.ExplainAsync(Prompt.FromText(prompts[0]), Token); // it is an example of coding
        Assert.Equal(("coding", prompts[0]), (own.Inspection!.Nearest[0].RouteId, own.Inspection.Nearest[0].Text));
        Assert.Equal(1, own.Inspection.Nearest[0].Similarity, 4);
    }
}
