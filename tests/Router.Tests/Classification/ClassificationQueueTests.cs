using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Classification;

public sealed class ClassificationQueueTests : IDisposable
{
    private readonly RoutesFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly RouteTable _table;

    public ClassificationQueueTests() => _table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ClassifyAsync_EveryThreadStuckForLongerThanTheDeadline_IsATimeoutAtOnceUntilOneIsFree()
    {
        using var stuck = new StuckClassifier();
        using var queue = Create(stuck);
        var running = queue.ClassifyAsync(_table, "running", Token);
        SpinWait.SpinUntil(() => stuck.Calls == 1, TimeSpan.FromSeconds(20));

        var early = queue.ClassifyAsync(_table, "early", Token);
        _clock.Advance(TimeSpan.FromMilliseconds(251));
        var late = queue.ClassifyAsync(_table, "late", Token);

        Assert.False(early.IsCompleted);
        Assert.Equal(DecisionOutcome.DefaultTimeout, (await late)?.Outcome);
        stuck.Release();
        Assert.Equal(DecisionOutcome.Classified, (await running)?.Outcome);
        Assert.Equal(DecisionOutcome.Classified, (await early)?.Outcome);
        Assert.Equal(DecisionOutcome.Classified, (await queue.ClassifyAsync(_table, "later", Token))?.Outcome);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ClassifyAsync_FailuresInARow_LeaveTheClassifierAloneUntilAProbeSucceeds(bool fails, bool isPoisoned)
    {
        var classifier = new SwitchableClassifier { Fails = fails, IsPoisoned = isPoisoned };
        using var queue = Create(classifier);
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(DecisionOutcome.DefaultError, (await queue.ClassifyAsync(_table, $"text {i}", Token))?.Outcome);
        }

        Assert.Equal((5, true), (classifier.Calls, queue.IsBroken));
        _clock.Advance(TimeSpan.FromSeconds(1));
        await queue.ClassifyAsync(_table, "a probe that fails", Token);
        (classifier.Fails, classifier.IsPoisoned) = (false, false);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DecisionOutcome.DefaultError, (await queue.ClassifyAsync(_table, "waits twice as long now", Token))?.Outcome);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DecisionOutcome.Classified, (await queue.ClassifyAsync(_table, "a probe", Token))?.Outcome);

        Assert.False(queue.IsBroken);
        Assert.Equal(DecisionOutcome.Classified, (await queue.ClassifyAsync(_table, "text", Token))?.Outcome);
    }

    [Fact]
    public async Task ClassifyAsync_FullQueue_IsOverloadAtOnce()
    {
        using var stuck = new StuckClassifier();
        using var queue = Create(stuck);
        var waiting = new List<Task<ClassificationAnswer?>>();
        while (waiting.Count < ClassificationQueue.Capacity + 40)
        {
            waiting.Add(queue.ClassifyAsync(_table, "text", Token));
        }

        var refused = await queue.ClassifyAsync(_table, "one more", Token);
        stuck.Release();
        var answers = await Task.WhenAll(waiting);

        Assert.Equal(DecisionOutcome.DefaultOverload, refused?.Outcome);
        Assert.All(answers, static a => Assert.True(a?.Outcome is DecisionOutcome.Classified or DecisionOutcome.DefaultOverload));
        Assert.InRange(answers.Count(static a => a?.Outcome == DecisionOutcome.Classified), ClassificationQueue.Capacity, ClassificationQueue.Capacity + 32);
    }

    [Fact]
    public async Task ClassifyAsync_ThrowingClassifier_IsAnErrorAndTheThreadLivesOn()
    {
        using var queue = Create(new ThrowingClassifier());

        var first = await queue.ClassifyAsync(_table, "one", Token);
        var second = await queue.ClassifyAsync(_table, "two", Token);

        Assert.Equal(((DecisionOutcome?)DecisionOutcome.DefaultError, (DecisionOutcome?)DecisionOutcome.DefaultError), (first?.Outcome, second?.Outcome));
    }

    [Fact]
    public async Task ClassifyAsync_NotWantedBeforeItsTurn_IsNotClassified()
    {
        using var stuck = new StuckClassifier();
        using var queue = Create(stuck);
        using var left = new CancellationTokenSource();
        var running = queue.ClassifyAsync(_table, "running", Token);
        SpinWait.SpinUntil(() => stuck.Calls == 1, TimeSpan.FromSeconds(20));
        var leaving = queue.ClassifyAsync(_table, "leaving", left.Token);

        await left.CancelAsync();
        stuck.Release();

        Assert.NotNull(await running);
        Assert.Null(await leaving);
        await queue.ClassifyAsync(_table, "later", Token);
        Assert.Equal(2, stuck.Calls);
    }

    [Fact]
    public async Task ClassifyAsync_ManyAtATime_AnswersEveryOne()
    {
        using var queue = new ClassificationQueue(new FixedClassifier(1), TimeProvider.System, NullLogger<ClassificationQueue>.Instance, workers: 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => queue.ClassifyAsync(_table, $"text {i}", Token)));

        Assert.All(answers, static a => Assert.Equal(0.9, a!.Value.Classification.Probabilities[1]));
    }

    private ClassificationQueue Create(IPromptClassifier classifier) => new(classifier, _clock, NullLogger<ClassificationQueue>.Instance, workers: 1);
}
