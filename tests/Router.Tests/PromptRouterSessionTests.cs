using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Sessions;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterSessionTests : IDisposable
{
    private const string Ask = "Write a loop that prints the primes below a hundred";
    private const string ClearTurn = "Tell me about the history of the clear town of Siena";
    private const string NearTurn = "Tell me something near to both, about things that matter";
    private const string UnsureTurn = "Hm, what could be meant by a sentence like this one";

    private readonly RoutesFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedClassifier _classifier = new(("clear", 0.02), ("near", 0.4), ("Hm", 0.52), ("loop", 0.95)); // the first that is found counts

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ClearTurn, "general", DecisionOutcome.Classified)]
    [InlineData(NearTurn, "coding", DecisionOutcome.Session)] // general is likelier, but only by 0.2
    [InlineData(UnsureTurn, "coding", DecisionOutcome.Session)]
    [InlineData("Yes please", "coding", DecisionOutcome.Session)]
    [InlineData("Write another loop, one that counts the words of a file", "coding", DecisionOutcome.Classified)]
    public async Task RouteAsync_ASecondTurn_StaysUnlessAnotherRouteClearlyWins(string turn, string route, DecisionOutcome outcome)
    {
        await using var router = await CreateAsync();
        var first = await AskAsync(router, Chat(Ask));

        var second = await AskAsync(router, Chat(Ask, "…", turn));

        Assert.Equal(("coding", DecisionOutcome.Classified), (first.Route.Id, first.Outcome));
        Assert.Equal((route, outcome), (second.Route.Id, second.Outcome));
    }

    [Fact]
    public async Task RouteAsync_AToolLoop_StaysWithoutAskingTheModel()
    {
        await using var router = await CreateAsync();
        await AskAsync(router, Chat(Ask));
        var asked = _classifier.Texts.Count;
        var loop = Chat(Ask) with { Messages = [new(PromptRole.User, Ask), new(PromptRole.Assistant, ""), new(PromptRole.Tool, ClearTurn), new(PromptRole.User, "<system-reminder>clear</system-reminder>")] };

        var decision = await AskAsync(router, loop);

        Assert.Equal(("coding", DecisionOutcome.Session, 0.95), (decision.Route.Id, decision.Outcome, decision.Confidence));
        Assert.Equal(asked, _classifier.Texts.Count);
        Assert.Equal(32, decision.TextHash.Length);
    }

    [Fact]
    public async Task RouteAsync_AConversationThatOnlyBegins_IsNotBoundByAnotherThatBeganAlike()
    {
        await using var router = await CreateAsync();
        await AskAsync(router, Chat("Hi"));
        await AskAsync(router, Chat("Hi", "Hello!", Ask));

        var stranger = await AskAsync(router, Chat("Hi"));

        Assert.NotEqual(DecisionOutcome.Session, stranger.Outcome);
    }

    [Fact]
    public async Task RouteAsync_ANamedConversation_StaysWhateverIsSentOfIt()
    {
        await using var router = await CreateAsync();
        await AskAsync(router, Chat(Ask) with { SessionId = "s1" });

        var own = await AskAsync(router, Chat("Yes please") with { SessionId = "s1" });
        var other = await AskAsync(router, Chat("Yes please") with { SessionId = "s2" });

        Assert.Equal(("coding", DecisionOutcome.Session), (own.Route.Id, own.Outcome));
        Assert.Equal("general", other.Route.Id);
    }

    [Fact]
    public async Task RouteAsync_TheFirstTurnTookTheDefault_AnySureTurnTakesOver()
    {
        var classifier = new ScriptedClassifier(("near", 0.62), ("Hm", 0.52));
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, _time, remembers: true);
        var first = await AskAsync(router, Chat(UnsureTurn));

        var second = await AskAsync(router, Chat(UnsureTurn, "…", NearTurn)); // ahead by 0.24 only

        Assert.Equal(("general", DecisionOutcome.DefaultLowConfidence), (first.Route.Id, first.Outcome));
        Assert.Equal(("coding", DecisionOutcome.Classified), (second.Route.Id, second.Outcome));
    }

    [Fact]
    public async Task RouteAsync_ABrokenModel_LeavesConversationsWhereTheyAre()
    {
        var classifier = new SwitchableClassifier();
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, _time, remembers: true);
        await AskAsync(router, Chat(Ask));
        classifier.Fails = true;

        var known = await AskAsync(router, Chat(Ask, "…", ClearTurn));
        var unknown = await AskAsync(router, Chat(ClearTurn));
        var later = await AskAsync(router, Chat(ClearTurn, "…", UnsureTurn));

        Assert.Equal(("coding", DecisionOutcome.Session), (known.Route.Id, known.Outcome));
        Assert.Equal(("general", DecisionOutcome.DefaultError), (unknown.Route.Id, unknown.Outcome));
        Assert.Equal(DecisionOutcome.DefaultError, later.Outcome); // it was not remembered as a conversation of the default route
    }

    [Fact]
    public async Task RouteAsync_AfterTheSessionsTime_DecidesAnew()
    {
        await using var router = await CreateAsync();
        await AskAsync(router, Chat(Ask));
        _time.Advance(TimeSpan.FromMinutes(29));
        var kept = await AskAsync(router, Chat(Ask, "…", "Yes please"));
        _time.Advance(TimeSpan.FromMinutes(29)); // from the newest turn on
        var still = await AskAsync(router, Chat(Ask, "…", "Yes please"));
        _time.Advance(TimeSpan.FromMinutes(31));

        var gone = await AskAsync(router, Chat(Ask, "…", "Yes please"));

        Assert.Equal((DecisionOutcome.Session, DecisionOutcome.Session), (kept.Outcome, still.Outcome));
        Assert.NotEqual(DecisionOutcome.Session, gone.Outcome);
    }

    [Fact]
    public async Task RouteAsync_ItsRouteWasTakenAway_DecidesAnew()
    {
        await using var router = await CreateAsync();
        await AskAsync(router, Chat(Ask));
        _folder.Write(RoutesFolder.Minimal.Replace("\"id\": \"coding\"", "\"id\": \"programs\"", StringComparison.Ordinal));
        Assert.True(await router.Routes.ReloadAsync(Token));

        var decision = await AskAsync(router, Chat(Ask, "…", "Yes please"));

        Assert.Equal(("programs", DecisionOutcome.Classified), (decision.Route.Id, decision.Outcome));
    }

    [Fact]
    public async Task KeepSession_ADestination_IsPinnedForTheNextTurn()
    {
        await using var router = await CreateAsync();
        var first = await router.Router.RouteAsync(Chat(Ask), Token);
        router.Router.KeepSession(first, "coding", "gpu-1");

        var second = await router.Router.RouteAsync(Chat(Ask, "…", "Yes please"), Token);
        var other = await router.Router.RouteAsync(Chat(Ask + "!", "…", "Yes please"), Token);

        Assert.Null(first.PinnedDestination);
        Assert.Equal(new PinnedDestination("coding", "gpu-1"), second.PinnedDestination);
        Assert.Null(other.PinnedDestination);
    }

    [Fact]
    public async Task RouteAsync_AVagueTurnOfASureConversation_LeavesItSure()
    {
        var classifier = new ScriptedClassifier(("near", 0.6), ("Hm", 0.48), ("clear", 0.02));
        await using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, _time, remembers: true);
        await AskAsync(router, Chat(ClearTurn)); // surely general, which is the default route

        var vague = await AskAsync(router, Chat(ClearTurn, "…", UnsureTurn));
        var near = await AskAsync(router, Chat(ClearTurn, "…", UnsureTurn, "…", NearTurn)); // ahead by 0.2 only

        Assert.Equal(("general", DecisionOutcome.Session), (vague.Route.Id, vague.Outcome));
        Assert.Equal(("general", DecisionOutcome.Session), (near.Route.Id, near.Outcome));
    }

    [Fact]
    public async Task KeepSession_ARuleDecidedTheTurn_IsPinnedForTheNextTurnToo()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", "\"rules\": { \"hasTools\": true }", StringComparison.Ordinal));
        await using var router = await CreateAsync();
        var first = await router.Router.RouteAsync(Chat(Ask) with { HasTools = true }, Token);
        router.Router.KeepSession(first, "coding", "gpu-1");

        var second = await router.Router.RouteAsync(Chat(Ask, "…", "Yes please") with { HasTools = true }, Token);

        Assert.Equal((DecisionOutcome.Rule, DecisionOutcome.Rule), (first.Outcome, second.Outcome));
        Assert.Equal(new PinnedDestination("coding", "gpu-1"), second.PinnedDestination);
    }

    [Fact]
    public async Task RouteAsync_ARule_WinsOverTheConversation()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"examples\": [\"Hello\"", "\"rules\": { \"keywords\": [\"poem\"] }, \"examples\": [\"Hello\"", StringComparison.Ordinal));
        await using var router = await CreateAsync();
        await AskAsync(router, Chat(Ask));

        var ruled = await AskAsync(router, Chat(Ask, "…", "a poem please"));
        var after = await AskAsync(router, Chat(Ask, "…", "a poem please", "…", "Yes please"));

        Assert.Equal(("general", DecisionOutcome.Rule), (ruled.Route.Id, ruled.Outcome));
        Assert.Equal(("general", DecisionOutcome.Session), (after.Route.Id, after.Outcome));
    }

    private static Prompt Chat(params string[] turns) => new()
    {
        Messages = [.. turns.Select(static (text, i) => new PromptMessage(i % 2 == 0 ? PromptRole.User : PromptRole.Assistant, text))],
    };

    private static async Task<Decision> AskAsync(TestRouter router, Prompt prompt)
    {
        var decision = await router.Router.RouteAsync(prompt, Token);
        router.Router.KeepSession(decision, decision.Route.ClusterId, destinationId: null);
        return decision;
    }

    private Task<TestRouter> CreateAsync() => TestRouter.CreateAsync(_folder.RoutesFile, _classifier, _time, remembers: true);
}
