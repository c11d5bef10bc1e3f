using RouterGateway.Router.Decisions;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterCacheTests : IDisposable
{
    private const string Text = "Write a loop";
    private readonly RoutesFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RouteAsync_TheSameText_IsClassifiedOnceAndKeepsItsConfidence()
    {
        var classifier = new FixedClassifier(0);
        await using var router = await CreateAsync(classifier);

        var first = await router.Router.RouteAsync(Prompt.FromText(Text), Token);
        var second = await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        Assert.Equal((DecisionOutcome.Classified, null), (first.Outcome, first.CachedOutcome));
        Assert.Equal((DecisionOutcome.Cache, DecisionOutcome.Classified), (second.Outcome, second.CachedOutcome));
        Assert.Equal((first.Route, first.Confidence, first.TextTokens, first.TextHash), (second.Route, second.Confidence, second.TextTokens, second.TextHash));
        Assert.Equal(first.Scores.AsEnumerable(), second.Scores);
        Assert.Equal((0.0, 0.0, 0.0), (second.Timings.TokeniseMs, second.Timings.EmbedMs, second.Timings.HeadMs));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Single(classifier.Texts);
        var statistics = router.Cache.GetStatistics();
        Assert.Equal((1, 1L, 1L, 0L), (statistics.Decisions, statistics.MemoryHits, statistics.Misses, statistics.Joined));
    }

    [Fact]
    public async Task RouteAsync_HundredEqualPromptsAtATime_RunTheModelOnce()
    {
        using var stuck = new StuckClassifier();
        await using var router = await CreateAsync(stuck);

        var asking = Enumerable.Range(0, 100).Select(_ => router.Router.RouteAsync(Prompt.FromText(Text), Token).AsTask()).ToArray();
        stuck.Release();
        var decisions = await Task.WhenAll(asking);

        Assert.Equal(1, stuck.Calls);
        Assert.All(decisions, static decision => Assert.Equal(("coding", 0.9), (decision.Route.Id, decision.Confidence)));
        Assert.Single(decisions, static decision => decision.Outcome == DecisionOutcome.Classified);
        Assert.Equal(99, decisions.Count(static decision => decision.Outcome == DecisionOutcome.Cache));
        var statistics = router.Cache.GetStatistics();
        Assert.Equal((1L, 99L), (statistics.Misses, statistics.Joined + statistics.MemoryHits));
    }

    [Fact]
    public async Task RouteAsync_AModelThatAnswersLate_FillsTheCacheAllTheSame()
    {
        using var stuck = new StuckClassifier();
        await using var router = await CreateAsync(stuck);
        var late = router.Router.RouteAsync(Prompt.FromText(Text), Token).AsTask();
        SpinWait.SpinUntil(() => stuck.Calls == 1, TimeSpan.FromSeconds(20));

        _time.Advance(TimeSpan.FromMilliseconds(250));
        var decision = await late;
        stuck.Release();
        SpinWait.SpinUntil(() => router.Cache.GetStatistics().Decisions == 1, TimeSpan.FromSeconds(20));
        var next = await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        Assert.Equal(("general", DecisionOutcome.DefaultTimeout), (decision.Route.Id, decision.Outcome));
        Assert.Equal(("coding", DecisionOutcome.Cache), (next.Route.Id, next.Outcome));
        Assert.Equal(1, stuck.Calls);
    }

    [Theory]
    [InlineData(0.9, 50, DecisionOutcome.Cache)]
    [InlineData(0.9, 61, DecisionOutcome.Classified)]
    [InlineData(0.52, 0.8, DecisionOutcome.Cache)]
    [InlineData(0.52, 1.1, DecisionOutcome.DefaultLowConfidence)]
    public async Task RouteAsync_AfterAWhile_HasForgottenAndAbstainsSooner(double probability, double minutes, DecisionOutcome outcome)
    {
        await using var router = await CreateAsync(new FixedClassifier(0, probability));
        await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        _time.Advance(TimeSpan.FromMinutes(minutes));

        Assert.Equal(outcome, (await router.Router.RouteAsync(Prompt.FromText(Text), Token)).Outcome);
    }

    [Theory]
    [InlineData("\"description\": \"Code\"", "\"description\": \"Programs\"", false)]
    [InlineData("Write a loop", "Write a recursion", false)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"minMargin\": 0.2", false)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"deadline\": \"2s\"", true)]
    [InlineData("http://a:8000/", "http://b:8000/", true)]
    public async Task ReloadAsync_AnEdit_ForgetsOnlyWhenDecisionsCanChange(string from, string to, bool remembers)
    {
        var classifier = new FixedClassifier(0);
        await using var router = await CreateAsync(classifier);
        await router.Router.RouteAsync(Prompt.FromText("What is a list?"), Token);

        _folder.Write(RoutesFolder.Minimal.Replace(from, to, StringComparison.Ordinal));
        Assert.True(await router.Routes.ReloadAsync(Token));
        var decision = await router.Router.RouteAsync(Prompt.FromText("What is a list?"), Token);

        Assert.Same(router.Routes.Current, decision.Table);
        Assert.Equal(remembers ? DecisionOutcome.Cache : DecisionOutcome.Classified, decision.Outcome);
    }

    [Fact]
    public async Task RouteAsync_AnotherTenant_DecidesForItself()
    {
        await using var router = await CreateAsync(new FixedClassifier(0));
        var prompt = Prompt.FromText(Text);

        var outcomes = new List<DecisionOutcome>();
        foreach (var tenant in new[] { "", "a", "b", "a" })
        {
            outcomes.Add((await router.Router.RouteAsync(prompt with { Tenant = tenant }, Token)).Outcome);
        }

        Assert.Equal([DecisionOutcome.Classified, DecisionOutcome.Classified, DecisionOutcome.Classified, DecisionOutcome.Cache], outcomes);
    }

    [Fact]
    public async Task RouteAsync_AFailure_IsNotRemembered()
    {
        var classifier = new SwitchableClassifier { Fails = true };
        await using var router = await CreateAsync(classifier);
        var failed = await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        classifier.Fails = false;

        Assert.Equal(DecisionOutcome.DefaultError, failed.Outcome);
        Assert.Equal(DecisionOutcome.Classified, (await router.Router.RouteAsync(Prompt.FromText(Text), Token)).Outcome);
    }

    [Fact]
    public async Task RouteAsync_NoMemory_ClassifiesEveryTime()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"clusters\"", "\"decisions\": { \"memoryEntries\": 0 }, \"clusters\"", StringComparison.Ordinal));
        var classifier = new FixedClassifier(0);
        await using var router = await CreateAsync(classifier);

        await router.Router.RouteAsync(Prompt.FromText(Text), Token);
        await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        Assert.Equal(2, classifier.Texts.Count);
    }

    [Fact]
    public async Task RouteAsync_AnUnclearFollowUp_RemembersTheAskAndTheConversationApart()
    {
        var classifier = new FixedClassifier(0, 0.8);
        await using var router = await CreateAsync(classifier);
        var chat = new Prompt { Messages = [new(PromptRole.User, "Write a Python function that reads a file"), new(PromptRole.User, "What happens when the file is not there or cannot be read?")] };

        await router.Router.RouteAsync(chat, Token);
        var again = await router.Router.RouteAsync(chat, Token);
        var alone = await router.Router.RouteAsync(Prompt.FromText(chat.Messages[1].Text), Token);

        Assert.Equal(2, classifier.Texts.Count);
        Assert.Equal((DecisionOutcome.Cache, true), (again.Outcome, again.HasContext));
        Assert.Equal((DecisionOutcome.Cache, false), (alone.Outcome, alone.HasContext));
    }

    [Fact]
    public async Task FlushAsync_OneRoute_ForgetsThatOneOnly()
    {
        var classifier = new FixedClassifier(0);
        await using var router = await CreateAsync(classifier);
        await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        var other = await router.Cache.FlushAsync("general", Token);
        var kept = await router.Router.RouteAsync(Prompt.FromText(Text), Token);
        var own = await router.Cache.FlushAsync("coding", Token);
        var gone = await router.Router.RouteAsync(Prompt.FromText(Text), Token);

        Assert.Equal((new CacheFlush(0, 0), new CacheFlush(1, 0)), (other, own));
        Assert.Equal((DecisionOutcome.Cache, DecisionOutcome.Classified), (kept.Outcome, gone.Outcome));
    }

    private Task<TestRouter> CreateAsync(Router.Classification.IPromptClassifier classifier) => TestRouter.CreateAsync(_folder.RoutesFile, classifier, _time, remembers: true);
}
