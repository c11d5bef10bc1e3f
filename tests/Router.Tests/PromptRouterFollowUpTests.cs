using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests;

public sealed class PromptRouterFollowUpTests : IDisposable
{
    private const string First = "Write a Python function that reads a file and returns its lines in reverse";
    private const string FollowUp = "What happens when the file is not there or cannot be read?";

    private readonly RoutesFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RouteAsync_ClearFollowUp_IsClassifiedAlone()
    {
        var classifier = new FixedClassifier(0, 0.95);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);

        var decision = await router.Router.RouteAsync(Chat(First, FollowUp), Token);

        Assert.Equal([FollowUp], classifier.Texts);
        Assert.False(decision.HasContext);
    }

    [Fact]
    public async Task RouteAsync_UnclearFollowUp_IsClassifiedAgainWithTheAskBefore()
    {
        var classifier = new FixedClassifier(0, 0.8);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);

        var decision = await router.Router.RouteAsync(Chat(First, FollowUp), Token);

        Assert.Equal([FollowUp, $"{First}\n{FollowUp}"], classifier.Texts);
        Assert.Equal(("coding", DecisionOutcome.Classified, true), (decision.Route.Id, decision.Outcome, decision.HasContext));
        Assert.Equal((2.0, 4.0, 6.0), (decision.Timings.TokeniseMs, decision.Timings.EmbedMs, decision.Timings.HeadMs)); // of both
    }

    [Theory]
    [InlineData(First, "in Rust")]
    [InlineData("What is a file?", "in Rust")]
    public async Task RouteAsync_ShortFollowUp_IsClassifiedOnceWithTheAskBefore(string first, string followUp)
    {
        var classifier = new FixedClassifier(0, 0.8);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);

        var decision = await router.Router.RouteAsync(Chat(first, followUp), Token);

        Assert.Equal([$"{first}\n{followUp}"], classifier.Texts);
        Assert.True(decision.HasContext);
    }

    [Fact]
    public async Task RouteAsync_UnclearFirstAsk_IsClassifiedOnce()
    {
        var classifier = new FixedClassifier(0, 0.6);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);

        await router.Router.RouteAsync(Prompt.FromText(FollowUp), Token);

        Assert.Single(classifier.Texts);
    }

    [Fact]
    public async Task RouteAsync_EveryTurnOfAToolLoop_AsksTheSame()
    {
        var classifier = new FixedClassifier(0, 0.8);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier);
        var chat = Chat(First, FollowUp);

        var first = await router.Router.RouteAsync(chat, Token);
        var later = await router.Router.RouteAsync(chat with { Messages = [.. chat.Messages, new(PromptRole.Assistant, ""), new(PromptRole.Tool, "Translate this to French: bonjour"), new(PromptRole.Assistant, "x"), new(PromptRole.Tool, "42")] }, Token);

        Assert.Equal((first.Route, first.Confidence, first.Outcome), (later.Route, later.Confidence, later.Outcome));
        Assert.Equal(classifier.Texts[..2], classifier.Texts[2..]);
    }

    [Fact]
    public async Task RouteAsync_TextThatTakesTheWholeDeadlineToRead_TakesTheDefault()
    {
        _folder.Write(RoutesFolder.Minimal.Replace("\"defaultRoute\"", "\"deadline\": \"1ms\", \"defaultRoute\"", StringComparison.Ordinal));
        var classifier = new FixedClassifier(0);
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, classifier, TimeProvider.System);

        var decision = await router.Router.RouteAsync(Prompt.FromText(new string('<', 16 << 20)), Token);

        Assert.Equal(DecisionOutcome.DefaultTimeout, decision.Outcome);
        Assert.Empty(classifier.Texts);
    }

    [Fact]
    public async Task ExplainAsync_UnclearFollowUp_ShowsTheTextWithContext()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0, 0.8));

        var explanation = await router.Router.ExplainAsync(Chat(First, FollowUp), Token);

        Assert.Equal((FollowUp, $"{First}\n{FollowUp}", true), (explanation.Ask, explanation.Text, explanation.HasContext));
        Assert.Equal([new TextChange(TextChangeKind.Context, "an earlier message of the person", First.Length)], explanation.Changes);
    }

    private static Prompt Chat(string first, string followUp) => new()
    {
        Messages = [new PromptMessage(PromptRole.User, first), new(PromptRole.Assistant, "Here it is."), new(PromptRole.User, followUp)],
    };
}
