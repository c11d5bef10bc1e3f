using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Classification;

namespace RouterGateway.Gateway.Tests.Decisions;

/// <summary>A whole gateway under load whose model is stuck, slow, broken or poisoned: never an error, always the right outcome.</summary>
public sealed class BrokenRouterTests : IDisposable
{
    private const int Clients = 16;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly MoodyClassifier _model = new();
    private int _prompts;

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(nameof(MoodyClassifier.Mood.Stuck), "default-timeout", "default-overload")]
    [InlineData(nameof(MoodyClassifier.Mood.Throwing), "default-error", null)]
    [InlineData(nameof(MoodyClassifier.Mood.Poisoned), "default-error", null)]
    public async Task Chat_AModelInTrouble_TakesTheDefaultRouteAndComesBack(string mood, string expected, string? also)
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend);

        var before = await LoadAsync(gateway, requests: 200);
        _model.Become(Enum.Parse<MoodyClassifier.Mood>(mood));
        var during = await LoadAsync(gateway, requests: 400);
        _model.Become(MoodyClassifier.Mood.Well);
        var back = await UntilClassifiedAsync(gateway);
        var after = await LoadAsync(gateway, requests: 200);

        TestContext.Current.TestOutputHelper?.WriteLine($"{mood}: well {TimedAnswer.Figures(before)}; in trouble {TimedAnswer.Figures(during)}; classified again after {back.TotalMilliseconds:F0} ms");
        Assert.All(before.Concat(during).Concat(after), static answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.All(before.Concat(after), static answer => Assert.Equal(("code", "classified"), (answer.Route, answer.Outcome)));
        Assert.All(during, answer => Assert.True(answer.Route == "general" && (answer.Outcome == expected || answer.Outcome == also), $"{answer.Route} {answer.Outcome}"));
        Assert.Contains(during, answer => answer.Outcome == expected);
    }

    [Fact]
    public async Task Chat_ASlowModelAndMorePromptsThanItCanTake_ClassifiesWhatItCan()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend);
        _model.Become(MoodyClassifier.Mood.Slow);

        var answers = await LoadAsync(gateway, requests: 400, clients: 64);

        TestContext.Current.TestOutputHelper?.WriteLine($"slow: {TimedAnswer.Figures(answers)}; {answers.Count(static answer => answer.Outcome == "classified")} of {answers.Count} classified");
        Assert.All(answers, static answer => Assert.True(
            answer.Status == HttpStatusCode.OK &&
            (answer.Route, answer.Outcome) is ("code", "classified") or ("general", "default-timeout") or ("general", "default-overload"),
            $"{answer.Status} {answer.Route} {answer.Outcome}"));
        Assert.Contains(answers, static answer => answer.Outcome == "classified"); // those who gave up did not stand in the way
        Assert.InRange(_model.Calls, 1, answers.Count);
    }

    [Fact]
    public async Task Chat_AStuckModelThatAnswersAtLast_FillsTheCache()
    {
        await using var backend = await FakeDestination.StartAnsweringAsync();
        await using var gateway = await StartAsync(backend);
        _model.Become(MoodyClassifier.Mood.Stuck);
        var late = await TimedAnswer.AskAsync(gateway, "the same text");

        _model.Become(MoodyClassifier.Mood.Well);
        var waited = Stopwatch.StartNew();
        var next = late;
        while (next.Outcome != "cache" && waited.Elapsed < _patience)
        {
            next = await TimedAnswer.AskAsync(gateway, "the same text");
        }

        Assert.Equal(("general", "default-timeout"), (late.Route, late.Outcome));
        Assert.Equal(("code", "cache"), (next.Route, next.Outcome));
        Assert.Equal(1, _model.Calls);
    }

    private Task<GatewayHost> StartAsync(FakeDestination backend) => GatewayHost.StartAsync(
        GatewayHost.Cluster("main", backend.Address),
        GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "main"),
        services: services => services.AddSingleton<IPromptClassifier>(_model),
        classifier: Path.Combine(RepositoryFiles.Root, "models", "router-nano"),
        deadline: "1s"); // so that a busy machine is not taken for a stuck model

    private async Task<List<TimedAnswer>> LoadAsync(GatewayHost gateway, int requests, int clients = Clients)
    {
        var answers = new ConcurrentBag<TimedAnswer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = clients }, async (_, _) =>
            answers.Add(await TimedAnswer.AskAsync(gateway, $"Prompt number {Interlocked.Increment(ref _prompts)} about something else than all the others")));
        return [.. answers];
    }

    private async Task<TimeSpan> UntilClassifiedAsync(GatewayHost gateway)
    {
        var started = Stopwatch.StartNew();
        while (started.Elapsed < _patience && (await LoadAsync(gateway, requests: 1))[0].Outcome != "classified")
        {
            await Task.Delay(50);
        }

        return started.Elapsed;
    }
}
