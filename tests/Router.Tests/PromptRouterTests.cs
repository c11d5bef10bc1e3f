using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterTests : IDisposable
{
    private readonly RoutesFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RouteAsync_SureClassifier_TakesItsRoute()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"defaultRoute\"", "\"deadline\": \"1m\", \"defaultRoute\"", StringComparison.Ordinal));
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0), TimeProvider.System);

        var decision = await router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token);

        Assert.Equal(("coding", DecisionOutcome.Classified, 0.9), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal(["coding", "general"], decision.Scores.Select(static s => s.RouteId));
        Assert.Equal((7, false), (decision.TextTokens, decision.Truncated));
        Assert.Equal((1.0, 2.0, 3.0), (decision.Timings.TokeniseMs, decision.Timings.EmbedMs, decision.Timings.HeadMs));
        Assert.True(decision.Timings.TotalMs > 0);
        Assert.Same(router.Routes.Current, decision.Table);
        Assert.True(router.Router.IsReady);
        Assert.Equal("cpu", router.Router.ClassifierDevice);
    }

    [Fact]
    public async Task RouteAsync_UnsureClassifier_TakesTheDefaultAndShowsTheScores()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0, probability: 0.52));

        var decision = await router.Router.RouteAsync(Prompt.FromText("Hm"), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultLowConfidence, 0.52), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal("coding", decision.Scores[0].RouteId);
    }

    [Fact]
    public async Task RouteAsync_ThrowingClassifier_TakesTheDefault()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new ThrowingClassifier());

        var decision = await router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultError, 0.0), (decision.Route.Id, decision.Outcome, decision.Confidence));
    }

    [Fact]
    public async Task RouteAsync_NaNClassifier_TakesTheDefault()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new NaNClassifier());

        var decision = await router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultError, 0.0), (decision.Route.Id, decision.Outcome, decision.Confidence));
    }

    [Fact]
    public async Task RouteAsync_StuckClassifier_TakesTheDefaultAtTheDeadline()
    {
        using var stuck = new StuckClassifier();
        var clock = new ManualTimeProvider();
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, stuck, clock);
        var decision = router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token).AsTask();

        clock.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(("general", DecisionOutcome.DefaultTimeout), ((await decision).Route.Id, (await decision).Outcome));
        stuck.Release();
    }

    [Fact]
    public async Task RouteAsync_RuleMatches_DoesNotClassify()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", """ "rules": { "keywords": ["sql"] } """, StringComparison.Ordinal));
        var classifier = new FixedClassifier(1);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);

        var decision = await router.Router.RouteAsync(Prompt.FromText("Some SQL please"), Token);

        Assert.Equal(("coding", DecisionOutcome.Rule, 1.0), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Empty(classifier.Texts);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("<system-reminder>x</system-reminder>")]
    public async Task RouteAsync_NothingToClassify_TakesTheDefault(string text)
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0));

        var decision = await router.Router.RouteAsync(Prompt.FromText(text), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultLowConfidence, 0.0), (decision.Route.Id, decision.Outcome, decision.Confidence));
    }

    [Fact]
    public async Task RouteAsync_NoClassifier_TakesTheDefault()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"models/nano\"", "null", StringComparison.Ordinal));
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new ThrowingClassifier());

        var decision = await router.Router.RouteAsync(Prompt.FromText("Write a loop"), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultLowConfidence), (decision.Route.Id, decision.Outcome));
    }

    [Fact]
    public async Task Pin_ARoute_IsCertain()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0));
        var table = router.Routes.Current;

        var decision = router.Router.Pin(table, table.RoutesById["coding"]);

        Assert.Equal(("coding", DecisionOutcome.Pinned, 1.0), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Empty(decision.Scores);
    }

    [Fact]
    public async Task RouteAsync_Twice_HasTimeOrderedIds()
    {
        var clock = new ManualTimeProvider();
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0), clock);

        var first = await router.Router.RouteAsync(Prompt.FromText("one"), Token);
        clock.Advance(TimeSpan.FromMilliseconds(2));
        var second = await router.Router.RouteAsync(Prompt.FromText("two"), Token);

        Assert.Matches("^[0-9a-f]{32}$", first.Id);
        Assert.True(string.CompareOrdinal(first.Id, second.Id) < 0);
    }
}
