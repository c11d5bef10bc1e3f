using System.Globalization;
using System.Text;

namespace RouterGateway.Inference.Telemetry;

/// <summary>Writes metrics as Prometheus text; every sample carries the given label.</summary>
internal sealed class PrometheusWriter((string Name, string Value) commonLabel)
{
    private readonly StringBuilder _text = new();

    public void Gauge(string name, string help, double value)
    {
        Head(name, "gauge", help);
        Sample(name, value);
    }

    public void Counter(string name, string help, double value)
    {
        Head(name, "counter", help);
        Sample(name, value);
    }

    public void Histogram(string name, string help, Histogram histogram)
    {
        Head(name, "histogram", help);
        var (bounds, cumulative, sum) = histogram.Read();
        for (var i = 0; i < bounds.Length; i++)
        {
            Sample(name + "_bucket", cumulative[i], ("le", bounds[i].ToString(CultureInfo.InvariantCulture)));
        }

        Sample(name + "_bucket", cumulative[^1], ("le", "+Inf"));
        Sample(name + "_sum", sum);
        Sample(name + "_count", cumulative[^1]);
    }

    /// <summary>Writes the lines that open a family of samples.</summary>
    public void Head(string name, string type, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    public void Sample(string name, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(name).Append('{');
        AppendLabel(commonLabel);
        foreach (var label in labels)
        {
            _text.Append(',');
            AppendLabel(label);
        }

        _text.Append("} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void AppendLabel((string Name, string Value) label)
    {
        var value = label.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        _text.Append(label.Name).Append("=\"").Append(value).Append('"');
    }
}
