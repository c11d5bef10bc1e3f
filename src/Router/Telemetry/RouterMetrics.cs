using System.Diagnostics.Metrics;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;

namespace RouterGateway.Router.Telemetry;

/// <summary>The router's instruments: what is remembered, and how the models do.</summary>
public sealed class RouterMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "RouterGateway.Router";

    private readonly Meter _meter = new(MeterName);

    internal RouterMetrics(DecisionCache cache, ClassificationQueue classifier, ClassificationQueue scorer)
    {
        _meter.CreateObservableCounter("router.cache.hits", () => Hits(cache.GetStatistics()), "{text}", "Texts whose decision was remembered, by tier.");
        _meter.CreateObservableCounter("router.cache.misses", () => cache.GetStatistics().Misses, "{text}", "Texts that a model was asked about.");
        _meter.CreateObservableCounter("router.cache.joined", () => cache.GetStatistics().Joined, "{text}", "Texts that an equal one was being decided for already.");
        _meter.CreateObservableCounter("router.cache.evictions", () => cache.GetStatistics().Evictions, "{entry}", "Decisions and conversations that made room for newer ones in memory.");
        _meter.CreateObservableGauge("router.cache.entries", () => Entries(cache.GetStatistics()), null, "Decisions and conversations in memory.");
        _meter.CreateObservableGauge("router.model.up", () => Of(classifier, scorer, static queue => queue.IsBroken ? 0 : 1), null, "0 while a model that failed several times in a row is left alone.");
        _meter.CreateObservableGauge("router.queue.waiting", () => Of(classifier, scorer, static queue => queue.Waiting), null, "Texts that wait for a model.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static Measurement<long>[] Hits(CacheStatistics statistics) =>
        [new(statistics.MemoryHits, Label("tier", "memory")), new(statistics.RedisHits, Label("tier", "redis")), new(statistics.SimilarHits, Label("tier", "similar"))];

    private static Measurement<int>[] Entries(CacheStatistics statistics) =>
        [new(statistics.Decisions, Label("kind", "decision")), new(statistics.Sessions, Label("kind", "session"))];

    private static Measurement<int>[] Of(ClassificationQueue classifier, ClassificationQueue scorer, Func<ClassificationQueue, int> value) =>
        [new(value(classifier), Label("model", "classifier")), new(value(scorer), Label("model", "scorer"))];

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
