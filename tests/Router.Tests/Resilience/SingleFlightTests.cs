using RouterGateway.Router.Resilience;

namespace RouterGateway.Router.Tests.Resilience;

public sealed class SingleFlightTests
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(30);
    private readonly ManualTimeProvider _time = new();
    private readonly SingleFlight<int, string> _flights;
    private readonly TaskCompletionSource<string?> _work = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationToken _unwanted;
    private int _runs;

    public SingleFlightTests() => _flights = new SingleFlight<int, string>(_time);

    [Fact]
    public async Task RunAsync_HundredAtATime_WorkOnce()
    {
        var callers = Enumerable.Range(0, 100).Select(_ => RunAsync(_long)).ToArray();

        _work.SetResult("done");
        var answers = await Task.WhenAll(callers);

        Assert.Equal(1, _runs);
        Assert.All(answers, static answer => Assert.Equal("done", answer.Result));
        Assert.Equal(99, answers.Count(static answer => answer.HasJoined));
    }

    [Fact]
    public async Task RunAsync_AfterItLanded_WorksAgain()
    {
        _work.SetResult("done");

        await RunAsync(_long);
        await RunAsync(_long);

        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task RunAsync_OneWaitsShorter_OnlyThatOneGoesWithout()
    {
        var patient = RunAsync(_long);
        var hasty = RunAsync(TimeSpan.FromMilliseconds(10));

        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Null((await hasty).Result);
        Assert.False(_unwanted.IsCancellationRequested);
        _work.SetResult("done");

        Assert.Equal("done", (await patient).Result);
    }

    [Fact]
    public async Task RunAsync_NobodyWaitsAnyMore_SaysSoToTheWork()
    {
        using var left = new CancellationTokenSource();
        var first = RunAsync(TimeSpan.FromMilliseconds(10));
        var second = RunAsync(_long, left.Token);

        _time.Advance(TimeSpan.FromMilliseconds(10));
        await first;
        Assert.False(_unwanted.IsCancellationRequested);
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.True(_unwanted.IsCancellationRequested);
    }

    [Fact]
    public async Task RunAsync_TheWorkWasDropped_IsStartedAnewForWhoCameLater()
    {
        using var left = new CancellationTokenSource();
        var first = RunAsync(_long, left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        var second = _flights.RunAsync(1, static (tests, _) => Task.FromResult<string?>($"run {++tests._runs}"), this, _long, CancellationToken.None);

        _work.SetResult(null); // dropped: nobody had wanted it

        Assert.Equal(("run 2", false), await second);
    }

    [Fact]
    public async Task RunAsync_WorkThatHangs_IsTriedAnewAfterAWhile()
    {
        for (var i = 0; i < 6; i++)
        {
            var caller = RunAsync(TimeSpan.FromMilliseconds(250));
            _time.Advance(TimeSpan.FromMilliseconds(250));
            Assert.Null((await caller).Result);
        }

        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task RunAsync_WorkThatIsDroppedAgainAndAgain_EndsAtTheLatestWithTheWait()
    {
        var runs = 0;

        var (result, _) = await _flights.RunAsync(
            1,
            (state, _) =>
            {
                runs++;
                _time.Advance(TimeSpan.FromMilliseconds(4));
                return Task.FromResult<string?>(null);
            },
            0,
            TimeSpan.FromMilliseconds(10),
            CancellationToken.None);

        Assert.Null(result);
        Assert.InRange(runs, 1, 5);
    }

    private Task<(string? Result, bool HasJoined)> RunAsync(TimeSpan wait, CancellationToken cancellationToken = default) => _flights.RunAsync(
        1,
        static (tests, unwanted) =>
        {
            tests._runs++;
            tests._unwanted = unwanted;
            return tests._work.Task;
        },
        this,
        wait,
        cancellationToken);
}
