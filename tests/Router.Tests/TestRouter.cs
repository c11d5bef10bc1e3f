using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Router.Tests;

/// <summary>A router over a routes file, without a host.</summary>
internal sealed class TestRouter : IDisposable, IAsyncDisposable
{
    private readonly ClassificationQueue _queue;
    private readonly ClassificationQueue? _scorerQueue;
    private readonly RedisStore _redis;

    private TestRouter(RouteTableMonitor routes, IPromptClassifier classifier, TimeProvider timeProvider, IPromptClassifier? scorer, bool remembers, int workers)
    {
        Routes = routes;
        _queue = new ClassificationQueue(classifier, timeProvider, NullLogger<ClassificationQueue>.Instance, workers);
        _scorerQueue = scorer is null ? null : new ClassificationQueue(scorer, timeProvider, NullLogger<ClassificationQueue>.Instance, workers, "scorer");
        _redis = new RedisStore(timeProvider, NullLogger<RedisStore>.Instance);
        Cache = new DecisionCache(routes, _redis, new SessionStore(_redis, timeProvider), timeProvider);
        Router = new PromptRouter(routes, classifier, _queue, timeProvider, NullLogger<PromptRouter>.Instance, scorer, _scorerQueue, remembers ? Cache : null);
    }

    public RouteTableMonitor Routes { get; }

    public PromptRouter Router { get; }

    public DecisionCache Cache { get; }

    public static async Task<TestRouter> CreateAsync(string routesFile, IPromptClassifier classifier, TimeProvider? timeProvider = null, IPromptClassifier? scorer = null, bool remembers = false, int workers = 2)
    {
        timeProvider ??= new ManualTimeProvider(); // which stands still, so that nobody is late on a busy machine
        var routes = new RouteTableMonitor(
            Options.Create(new RouterOptions { RoutesFile = routesFile }), classifier, timeProvider, NullLogger<RouteTableMonitor>.Instance, scorer);
        Assert.True(await routes.ReloadAsync(TestContext.Current.CancellationToken), string.Join('\n', routes.LastFaults));
        var router = new TestRouter(routes, classifier, timeProvider, scorer, remembers, workers);
        await router.Cache.StartAsync(TestContext.Current.CancellationToken);
        return router;
    }

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _redis.DisposeAsync();
    }

    public void Dispose()
    {
        Cache.Dispose();
        _queue.Dispose();
        _scorerQueue?.Dispose();
        Routes.Dispose();
    }
}
