using System.Diagnostics.Metrics;
using RouterGateway.Gateway.Telemetry;

namespace RouterGateway.Gateway.Tools;

/// <summary>Instruments of tools. Names of tools are what callers like, so they are no labels.</summary>
internal sealed class ToolMetrics : IDisposable
{
    private static readonly InstrumentAdvice<double> _buckets = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    private readonly Meter _meter = new(GatewayMetrics.MeterName);
    private readonly Histogram<double> _calls;
    private readonly Histogram<double> _rounds;

    public ToolMetrics(ToolRegistry registry)
    {
        _calls = _meter.CreateHistogram("gateway.tools.call.duration", "s", "Calls of tools that the gateway ran, by type and outcome (ok, error, broken: the tool itself failed).", tags: null, _buckets);
        _rounds = _meter.CreateHistogram("gateway.tools.rounds", "{round}", "How many times the model was asked for a request whose tools the gateway runs.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 16, 32] });
        _meter.CreateObservableGauge("gateway.tools.registered", () => registry.Current.Tools.GroupBy(static tool => tool.Source)
            .Select(static tools => new Measurement<int>(tools.Count(), new KeyValuePair<string, object?>("source", NameOf(tools.Key)))), "{tool}", "Tools in the registry, by where they come from.");
    }

    public void Called(RegisteredTool tool, ToolResult result, TimeSpan elapsed) =>
        _calls.Record(elapsed.TotalSeconds, new("type", tool.Definition.Target.Type), new("outcome", result.IsToolFault ? "broken" : result.IsError ? "error" : "ok"));

    public void LoopEnded(int rounds) => _rounds.Record(rounds);

    public void Dispose() => _meter.Dispose();

    private static string NameOf(ToolSource source) => source switch
    {
        ToolSource.Caller => "caller",
        ToolSource.File => "file",
        _ => "mcp",
    };
}
