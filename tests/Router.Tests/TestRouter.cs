using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests;

/// <summary>A router over a routes file, without a host.</summary>
internal sealed class TestRouter : IDisposable
{
    private readonly ClassificationQueue _queue;
    private readonly ClassificationQueue? _scorerQueue;

    private TestRouter(RouteTableMonitor routes, IPromptClassifier classifier, TimeProvider timeProvider, IPromptClassifier? scorer)
    {
        Routes = routes;
        _queue = new ClassificationQueue(classifier, timeProvider, NullLogger<ClassificationQueue>.Instance, workers: 2);
        _scorerQueue = scorer is null ? null : new ClassificationQueue(scorer, timeProvider, NullLogger<ClassificationQueue>.Instance, workers: 2, "scorer");
        Router = new PromptRouter(routes, classifier, _queue, timeProvider, scorer, _scorerQueue);
    }

    public RouteTableMonitor Routes { get; }

    public PromptRouter Router { get; }

    public static async Task<TestRouter> CreateAsync(string routesFile, IPromptClassifier classifier, TimeProvider? timeProvider = null, IPromptClassifier? scorer = null)
    {
        var routes = new RouteTableMonitor(
            Options.Create(new RouterOptions { RoutesFile = routesFile }), classifier, timeProvider ?? TimeProvider.System, NullLogger<RouteTableMonitor>.Instance, scorer);
        Assert.True(await routes.ReloadAsync(TestContext.Current.CancellationToken), string.Join('\n', routes.LastFaults));
        return new TestRouter(routes, classifier, timeProvider ?? TimeProvider.System, scorer);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _scorerQueue?.Dispose();
        Routes.Dispose();
    }
}
