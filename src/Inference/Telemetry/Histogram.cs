namespace RouterGateway.Inference.Telemetry;

/// <summary>Counts of values by upper bound, as Prometheus wants them. Thread-safe.</summary>
internal sealed class Histogram(params double[] bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    /// <summary>Adds a value.</summary>
    public void Record(double value)
    {
        var index = Array.FindIndex(bounds, bound => value <= bound);
        lock (_lock)
        {
            _counts[index < 0 ? bounds.Length : index]++;
            _sum += value;
        }
    }

    /// <summary>Copies the state: the cumulative count of each bound, of which the last is all, and the sum.</summary>
    public (double[] Bounds, long[] Cumulative, double Sum) Read()
    {
        var cumulative = new long[_counts.Length];
        lock (_lock)
        {
            var total = 0L;
            for (var i = 0; i < _counts.Length; i++)
            {
                total += _counts[i];
                cumulative[i] = total;
            }

            return (bounds, cumulative, _sum);
        }
    }
}
