using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace RouterGateway.Gateway.Telemetry;

/// <summary>Collects the instruments of this process and writes them in Prometheus' text format 0.0.4.</summary>
/// <remarks>The usual exporters cannot be restored everywhere this is built; the instruments are standard, so that one of them can take over.</remarks>
internal sealed class PrometheusExporter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _instruments = new();

    public PrometheusExporter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("RouterGateway.", StringComparison.Ordinal))
            {
                _instruments.TryAdd(instrument, new());
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    public string Write()
    {
        foreach (var (_, series) in _instruments.Where(static pair => pair.Key.IsObservable))
        {
            series.Clear(); // what is no longer observed, of a cluster that was taken away, is no more
        }

        _listener.RecordObservableInstruments();
        var text = new StringBuilder(4096);
        foreach (var (instrument, series) in _instruments.OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal))
        {
            var isHistogram = instrument is Histogram<double>;
            var isCounter = instrument.GetType().Name.Contains("Counter", StringComparison.Ordinal);
            var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "") + (isCounter ? "_total" : "");
            text.Append("# HELP ").Append(name).Append(' ').Append(instrument.Description).Append('\n');
            text.Append("# TYPE ").Append(name).Append(' ').Append(isHistogram ? "histogram" : isCounter ? "counter" : "gauge").Append('\n');
            foreach (var (labels, values) in series.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                values.Write(text, name, labels);
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = _instruments[instrument].GetOrAdd(Labels(tags), static (_, instrument) => new Series((instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries), instrument);
        series.Record(value, isSum: instrument is Counter<long>);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\"");
            text.Append(Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>One labelled time series: a running sum, a last value, or the buckets of a histogram.</summary>
    private sealed class Series(IReadOnlyList<double>? bounds)
    {
        private readonly Lock _lock = new();
        private readonly long[] _buckets = new long[(bounds?.Count ?? 0) + 1];
        private double _value;
        private long _count;

        public void Record(double value, bool isSum)
        {
            lock (_lock)
            {
                _value = bounds is not null || isSum ? _value + value : value;
                _count++;
                if (bounds is not null)
                {
                    var bucket = 0;
                    while (bucket < bounds.Count && value > bounds[bucket])
                    {
                        bucket++;
                    }

                    _buckets[bucket]++;
                }
            }
        }

        public void Write(StringBuilder text, string name, string labels)
        {
            lock (_lock)
            {
                if (bounds is null)
                {
                    Line("", labels, _value);
                    return;
                }

                var below = 0L;
                for (var bucket = 0; bucket < _buckets.Length; bucket++)
                {
                    below += _buckets[bucket];
                    var bound = bucket < bounds.Count ? bounds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    Line("_bucket", (labels.Length > 0 ? labels + "," : "") + $"le=\"{bound}\"", below);
                }

                Line("_sum", labels, _value);
                Line("_count", labels, _count);
            }

            void Line(string suffix, string lineLabels, double value)
            {
                text.Append(name).Append(suffix);
                if (lineLabels.Length > 0)
                {
                    text.Append('{').Append(lineLabels).Append('}');
                }

                text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }
    }
}
