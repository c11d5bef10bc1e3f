using System.Diagnostics.Metrics;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The instruments of <c>/mcp</c>. Labels come from closed sets: methods and outcomes, never a tool that a caller named.</summary>
internal sealed class ToolServerMetrics : IDisposable
{
    public const string MeterName = "RouterGateway.Gateway.Mcp.Server";

    // OpenTelemetry's conventions for MCP: buckets of mcp.server.operation.duration
    private static readonly InstrumentAdvice<double> _buckets = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] };

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refused;
    private int _sessions;

    public ToolServerMetrics()
    {
        _meter.CreateObservableGauge("mcp.server.sessions", () => Sessions, "{session}", "Sessions of MCP clients at present.");
        _refused = _meter.CreateCounter<long>("mcp.server.sessions.refused", "{session}", "Sessions that were refused, by error code.");
        _duration = _meter.CreateHistogram("mcp.server.operation.duration", "s", "Requests of MCP clients, by method and outcome.", tags: null, _buckets);
    }

    public int Sessions => Volatile.Read(ref _sessions);

    public void SessionOpened() => Interlocked.Increment(ref _sessions);

    public void SessionEnded() => Interlocked.Decrement(ref _sessions);

    public void SessionRefused(string code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <param name="method">The protocol's method.</param>
    /// <param name="outcome"><c>ok</c>, <c>tool_error</c>, <c>refused</c>, <c>cancelled</c> or <c>failed</c>.</param>
    /// <param name="elapsed">From the request to its answer.</param>
    public void Answered(string method, string outcome, TimeSpan elapsed) =>
        _duration.Record(elapsed.TotalSeconds, new("method", method), new("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
