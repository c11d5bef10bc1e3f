using System.Diagnostics.Metrics;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Telemetry;

/// <summary>The router's instruments: what is remembered, and how the models do.</summary>
public sealed class RouterMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "RouterGateway.Router";

    private readonly Meter _meter = new(MeterName);

    internal RouterMetrics(RouteTableMonitor routes, DecisionCache cache, ClassificationQueue classifier, ClassificationQueue scorer)
    {
        _meter.CreateObservableCounter("router.cache.hits", () => Hits(cache), "{text}", "Texts whose decision was remembered, by tier.");
        _meter.CreateObservableCounter("router.cache.misses", () => cache.CountOf(CacheTier.None), "{text}", "Texts that a model was asked about.");
        _meter.CreateObservableCounter("router.cache.joined", () => cache.CountOf(CacheTier.Joined), "{text}", "Texts that an equal one was being decided for already.");
        _meter.CreateObservableCounter("router.cache.evictions", () => cache.Evictions, "{entry}", "Decisions and conversations that made room for newer ones in memory.");
        _meter.CreateObservableGauge("router.cache.entries", () => Entries(cache), null, "Decisions and conversations in memory.");
        _meter.CreateObservableGauge("router.model.up", () => Of(routes, classifier, scorer, static queue => queue.IsBroken ? 0 : 1), null, "0 while a model that failed several times in a row is left alone.");
        _meter.CreateObservableGauge("router.queue.waiting", () => Of(routes, classifier, scorer, static queue => queue.Waiting), null, "Texts that wait for a model.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Measurement<long>[] Hits(DecisionCache cache) =>
        [new(cache.CountOf(CacheTier.Memory), Label("tier", "memory")), new(cache.CountOf(CacheTier.Redis), Label("tier", "redis")), new(cache.CountOf(CacheTier.Similar), Label("tier", "similar"))];

    private static Measurement<int>[] Entries(DecisionCache cache) =>
        [new(cache.Decisions, Label("kind", "decision")), new(cache.Sessions.Memory.Count, Label("kind", "session"))];

    // of the models that the running table names
    private static IEnumerable<Measurement<int>> Of(RouteTableMonitor routes, ClassificationQueue classifier, ClassificationQueue scorer, Func<ClassificationQueue, int> value)
    {
        var settings = routes.IsLoaded ? routes.Current.Settings : null;
        if (settings?.ClassifierFolder is not null)
        {
            yield return new(value(classifier), Label("model", "classifier"));
        }

        if (settings?.ScorerFolder is not null)
        {
            yield return new(value(scorer), Label("model", "scorer"));
        }
    }

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
