using System.Diagnostics.Metrics;
using RouterGateway.Router.Telemetry;

namespace RouterGateway.Router.Redis;

/// <summary>What happens to lookups and writes: counted once, for the meter and for <see cref="RedisStatus"/>.</summary>
internal sealed class RedisMetrics : IDisposable
{
    // a lookup on loopback takes 50 us, and none waits longer than decisions.redisBudget
    private static readonly InstrumentAdvice<double> _lookupBuckets = new() { HistogramBucketBoundaries = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01] };

    private readonly Meter _meter = new(RouterMetrics.MeterName);
    private readonly Histogram<double> _duration;
    private readonly long[] _lookupFailures = new long[Enum.GetValues<RedisFailureKind>().Length];
    private long _writeFailures;
    private long _droppedWrites;

    public RedisMetrics(Func<bool?> isWell)
    {
        _duration = _meter.CreateHistogram("router.redis.duration", "s", "Time a decision waited for one lookup in Redis, answered or not.", tags: null, _lookupBuckets);
        _meter.CreateObservableCounter("router.redis.errors", ObserveErrors, "{error}", "Lookups that failed (timeout: given up because of the budget; connection; server: answered with an error) and writes that did (write).");
        _meter.CreateObservableCounter("router.redis.writes_dropped", () => DroppedWrites, "{write}", "Writes that were not sent, because too many were waiting or Redis was not well.");
        _meter.CreateObservableGauge("router.redis.up", () => isWell() is { } well ? [new Measurement<int>(well ? 1 : 0)] : Array.Empty<Measurement<int>>(), null, "1 while lookups are sent to Redis; absent when none is named.");
    }

    /// <summary>Lookups and writes that failed, other than <see cref="Timeouts"/>.</summary>
    public long Errors => Failures(RedisFailureKind.Connection) + Failures(RedisFailureKind.Server) + Interlocked.Read(ref _writeFailures);

    /// <summary>Lookups that were given up because of the budget.</summary>
    public long Timeouts => Failures(RedisFailureKind.Timeout);

    /// <summary>Writes that were not sent.</summary>
    public long DroppedWrites => Interlocked.Read(ref _droppedWrites);

    public void LookupEnded(TimeSpan elapsed, RedisFailure? failure)
    {
        _duration.Record(elapsed.TotalSeconds);
        if (failure is not null)
        {
            Interlocked.Increment(ref _lookupFailures[(int)failure.Kind]);
        }
    }

    public void WriteFailed() => Interlocked.Increment(ref _writeFailures);

    public void WriteDropped() => Interlocked.Increment(ref _droppedWrites);

    public void Dispose() => _meter.Dispose();

    private long Failures(RedisFailureKind kind) => Interlocked.Read(ref _lookupFailures[(int)kind]);

    private IEnumerable<Measurement<long>> ObserveErrors() =>
    [
        new(Failures(RedisFailureKind.Timeout), new KeyValuePair<string, object?>("kind", "timeout")),
        new(Failures(RedisFailureKind.Connection), new KeyValuePair<string, object?>("kind", "connection")),
        new(Failures(RedisFailureKind.Server), new KeyValuePair<string, object?>("kind", "server")),
        new(Interlocked.Read(ref _writeFailures), new KeyValuePair<string, object?>("kind", "write")),
    ];
}
