using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterScorerTests : IDisposable
{
    private const string WithScorer = "\"defaultRoute\": \"general\", \"scorer\": \"models/sample\"";

    private readonly RoutesFolder _folder = new(RoutesFolder.Minimal.Replace("\"defaultRoute\": \"general\"", WithScorer, StringComparison.Ordinal));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RouteAsync_SureClassifier_DoesNotAskTheScorer()
    {
        var scorer = new FixedClassifier(1);

        var decision = await RouteAsync(new FixedClassifier(0), scorer);

        Assert.Equal(("coding", DecisionOutcome.Classified, 0.0), (decision.Route.Id, decision.Outcome, decision.Timings.ScoreMs));
        Assert.Empty(scorer.Texts);
        Assert.Single(scorer.Prepared);
    }

    [Theory]
    [InlineData(0.52, "0.5")] // too near to the second
    [InlineData(0.65, "0.7")] // too unlikely
    public async Task RouteAsync_UnsureClassifier_TakesWhatTheScorerSays(double confidence, string minConfidence)
    {
        _folder.Write(File.ReadAllText(_folder.RoutesFile).Replace("\"scorer\"", $"\"minConfidence\": {minConfidence}, \"scorer\"", StringComparison.Ordinal));

        var decision = await RouteAsync(new FixedClassifier(1, confidence), new FixedClassifier(0, 0.8));

        Assert.Equal(("coding", DecisionOutcome.Scored, 0.8), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal(["coding", "general"], decision.Scores.Select(static s => s.RouteId));
        Assert.Equal((1.0, 2.0, 3.0, 6.0), (decision.Timings.TokeniseMs, decision.Timings.EmbedMs, decision.Timings.HeadMs, decision.Timings.ScoreMs));
    }

    [Fact]
    public async Task RouteAsync_BothUnsure_TakesTheDefault()
    {
        var decision = await RouteAsync(new FixedClassifier(1, 0.52), new FixedClassifier(0, 0.51));

        Assert.Equal(("general", DecisionOutcome.DefaultLowConfidence, 0.51), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal("coding", decision.Scores[0].RouteId);
    }

    [Fact]
    public async Task RouteAsync_ThrowingScorer_TakesTheDefaultAndKeepsTheScores()
    {
        var decision = await RouteAsync(new FixedClassifier(0, 0.52), new ThrowingClassifier());

        Assert.Equal(("general", DecisionOutcome.DefaultError, 0.52), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal("coding", decision.Scores[0].RouteId);
    }

    [Fact]
    public async Task RouteAsync_NaNScorer_TakesTheDefault()
    {
        var decision = await RouteAsync(new FixedClassifier(0, 0.52), new NaNClassifier());

        Assert.Equal(("general", DecisionOutcome.DefaultError), (decision.Route.Id, decision.Outcome));
    }

    [Fact]
    public async Task RouteAsync_ThrowingClassifier_DoesNotAskTheScorer()
    {
        var scorer = new FixedClassifier(0);

        var decision = await RouteAsync(new ThrowingClassifier(), scorer);

        Assert.Equal(DecisionOutcome.DefaultError, decision.Outcome);
        Assert.Empty(scorer.Texts);
    }

    [Fact]
    public async Task RouteAsync_NoClassifier_TheScorerDecidesAlone()
    {
        _folder.Write(File.ReadAllText(_folder.RoutesFile).Replace("\"models/nano\"", "null", StringComparison.Ordinal));

        var decision = await RouteAsync(new ThrowingClassifier(), new FixedClassifier(0));

        Assert.Equal(("coding", DecisionOutcome.Scored, 7), (decision.Route.Id, decision.Outcome, decision.TextTokens));
    }

    [Fact]
    public async Task RouteAsync_NoClassifierAndAShortFollowUp_HasContext()
    {
        _folder.Write(File.ReadAllText(_folder.RoutesFile).Replace("\"models/nano\"", "null", StringComparison.Ordinal));
        var prompt = new Prompt { Messages = [new(PromptRole.User, "Write a loop over the lines of a file"), new(PromptRole.User, "in Rust")] };

        var decision = await RouteAsync(new ThrowingClassifier(), new FixedClassifier(0), prompt);

        Assert.True(decision.HasContext);
    }

    [Fact]
    public async Task RouteAsync_StuckScorer_TakesTheDefaultAtTheDeadlineAndHoldsUpNobody()
    {
        using var stuck = new StuckClassifier();
        var clock = new ManualTimeProvider();
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new HesitantClassifier(), clock, stuck);
        var hesitant = Enumerable.Range(0, 16).Select(_ => router.Router.RouteAsync(Prompt.FromText("Hm"), Token).AsTask()).ToArray();
        while (stuck.Calls == 0)
        {
            await Task.Yield();
        }

        var sure = await router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token);
        Assert.Equal(DecisionOutcome.Classified, sure.Outcome);
        Assert.DoesNotContain(hesitant, static task => task.IsCompleted);

        while (!Array.TrueForAll(hesitant, static task => task.IsCompleted))
        {
            clock.Advance(TimeSpan.FromMilliseconds(250)); // again for those that had not come to the scorer
            await Task.Yield();
        }

        Assert.All(await Task.WhenAll(hesitant), static decision => Assert.Equal(DecisionOutcome.DefaultTimeout, decision.Outcome));
        stuck.Release();
    }

    [Fact]
    public async Task ReloadAsync_AScorerThatCannotBePrepared_RefusesTheFile()
    {
        using var routes = new Router.Routes.RouteTableMonitor(
            Microsoft.Extensions.Options.Options.Create(new RouterOptions { RoutesFile = _folder.RoutesFile }),
            new FixedClassifier(0),
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<Router.Routes.RouteTableMonitor>.Instance,
            new ThrowingClassifier(alsoPrepare: true));

        Assert.False(await routes.ReloadAsync(Token));

        Assert.Equal("routes.json: router.scorer: the model is broken", Assert.Single(routes.LastFaults).ToString());
    }

    [Fact]
    public async Task RouteAsync_ATextThatWasScored_IsRememberedAsSuch()
    {
        var (classifier, scorer) = (new FixedClassifier(1, 0.52), new FixedClassifier(0, 0.8));
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, scorer: scorer, remembers: true);

        var first = await router.Router.RouteAsync(Prompt.FromText("Hm"), Token);
        var second = await router.Router.RouteAsync(Prompt.FromText("Hm"), Token);

        Assert.Equal((DecisionOutcome.Scored, null), (first.Outcome, first.CachedOutcome));
        Assert.Equal(("coding", DecisionOutcome.Cache, DecisionOutcome.Scored, 0.8), (second.Route.Id, second.Outcome, second.CachedOutcome, second.Confidence));
        Assert.Equal((1, 1), (classifier.Texts.Count, scorer.Texts.Count));
    }

    [Fact]
    public async Task RouteAsync_TheScorerFailed_AsksItAgainAndNotTheClassifier()
    {
        var (classifier, scorer) = (new FixedClassifier(1, 0.52), new SwitchableClassifier { Fails = true });
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, scorer: scorer, remembers: true);

        var failed = await router.Router.RouteAsync(Prompt.FromText("Hm"), Token);
        scorer.Fails = false;
        var second = await router.Router.RouteAsync(Prompt.FromText("Hm"), Token);

        Assert.Equal((DecisionOutcome.DefaultError, DecisionOutcome.Scored), (failed.Outcome, second.Outcome));
        Assert.Equal((1, 2), (classifier.Texts.Count, scorer.Calls));
    }

    [Theory]
    [InlineData("0.9", 1, DecisionOutcome.Cache)]
    [InlineData("0.99", 2, DecisionOutcome.Scored)]
    [InlineData("null", 2, DecisionOutcome.Scored)]
    public async Task RouteAsync_ASimilarText_TakesTheScorersDecisionWhenThatIsAllowed(string similarity, int scored, DecisionOutcome outcome)
    {
        _folder.Write(File.ReadAllText(_folder.RoutesFile).Replace("\"clusters\"", $"\"decisions\": {{ \"similarity\": {similarity} }}, \"clusters\"", StringComparison.Ordinal));
        var classifier = new ScriptedClassifier { Embeddings = { ["first"] = [1, 0], ["second"] = [0.95f, 0.3122499f], ["third"] = [0, 1] } };
        var scorer = new FixedClassifier(0, 0.8);
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, scorer: scorer, remembers: true);
        await router.Router.RouteAsync(Prompt.FromText("Hm, the first of these texts"), Token);

        var similar = await router.Router.RouteAsync(Prompt.FromText("Hm, the second of these texts"), Token);
        var scoredTexts = scorer.Texts.Count;
        var other = await router.Router.RouteAsync(Prompt.FromText("Hm, the third of these texts"), Token);

        Assert.Equal((outcome, scored), (similar.Outcome, scoredTexts));
        Assert.Equal(("coding", 0.8), (similar.Route.Id, similar.Confidence));
        Assert.Equal(DecisionOutcome.Scored, other.Outcome);
        Assert.Equal(outcome == DecisionOutcome.Cache ? 1 : 0, router.Cache.GetStatistics().SimilarHits);
    }

    private async Task<Decision> RouteAsync(IPromptClassifier classifier, IPromptClassifier scorer, Prompt? prompt = null)
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, scorer: scorer);
        return await router.Router.RouteAsync(prompt ?? Prompt.FromText("Write a loop"), Token);
    }
}
