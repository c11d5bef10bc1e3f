using System.Diagnostics.Metrics;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Telemetry;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisMetricsTests
{
    [Fact]
    public void Errors_OneOfEachKind_AreCountedByKind()
    {
        using var metrics = new RedisMetrics(static () => true);
        foreach (var kind in Enum.GetValues<RedisFailureKind>())
        {
            metrics.LookupEnded(TimeSpan.FromMilliseconds(1), new RedisFailure(kind, null));
        }

        metrics.LookupEnded(TimeSpan.FromMilliseconds(1), null);
        metrics.WriteFailed();
        metrics.WriteDropped();

        Assert.Equal((3, 1, 1), (metrics.Errors, metrics.Timeouts, metrics.DroppedWrites));
    }

    [Fact]
    public void Meter_AllInstruments_AreThere()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == RouterMetrics.MeterName)
                {
                    lock (names) // other tests publish theirs meanwhile
                    {
                        names.Add(instrument.Name);
                    }
                }
            },
        };
        listener.Start();

        using var metrics = new RedisMetrics(static () => true);

        lock (names)
        {
            Assert.Equal(["router.redis.duration", "router.redis.errors", "router.redis.up", "router.redis.writes_dropped"], names.Where(static name => name.StartsWith("router.redis.", StringComparison.Ordinal)).Order());
        }
    }
}
