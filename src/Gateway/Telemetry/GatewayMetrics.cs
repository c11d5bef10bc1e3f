using System.Diagnostics.Metrics;
using RouterGateway.Gateway.EmbeddedBackends;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Telemetry;

/// <summary>The gateway's instruments. Labels come from closed sets: routes and clusters of <c>routes.json</c>, outcomes, codes.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "RouterGateway.Gateway";

    // OpenTelemetry's gen_ai conventions v1.41: buckets of gen_ai.server.request.duration and .time_to_first_token
    private static readonly InstrumentAdvice<double> _durationBuckets = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<double> _firstTokenBuckets = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
    private static readonly InstrumentAdvice<double> _decisionBuckets = new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] };

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _requests;
    private readonly Counter<long> _attemptsFailed;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _decision;

    public GatewayMetrics(RouteTableMonitor monitor, EmbeddedBackendSupervisor embedded)
    {
        _requests = _meter.CreateCounter<long>("gateway.requests", "{request}", "Requests answered, by route, cluster, outcome and status.");
        _attemptsFailed = _meter.CreateCounter<long>("gateway.attempts.failed", "{attempt}", "Attempts that failed before their first token, by cluster and error code.");
        _tokens = _meter.CreateCounter<long>("gateway.tokens", "{token}", "Tokens as backends counted them, by cluster and direction.");
        _duration = _meter.CreateHistogram("gen_ai.server.request.duration", "s", "From a request's head to the end of its answer.", tags: null, _durationBuckets);
        _firstToken = _meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "From the start of the attempt that answered to its first token.", tags: null, _firstTokenBuckets);
        _decision = _meter.CreateHistogram("gateway.decision.duration", "s", "Time to decide a route.", tags: null, _decisionBuckets);
        _meter.CreateObservableCounter("gateway.routes.reloads", () => monitor.Reloads, "{reload}", "Changes of routes.json that were taken.");
        _meter.CreateObservableCounter("gateway.routes.reloads_refused", () => monitor.RefusedReloads, "{reload}", "Changes of routes.json that were refused; the table before stays.");
        _meter.CreateObservableGauge("gateway.embedded.up", () => Observe(embedded, static backend => backend.State == EmbeddedBackendState.Ready ? 1 : 0), null, "1 while the process of an embedded cluster answers.");
        _meter.CreateObservableCounter("gateway.embedded.restarts", () => Observe(embedded, static backend => backend.Restarts), "{restart}", "Times the process of an embedded cluster ended unasked.");
    }

    public void AttemptFailed(string clusterId, string code) =>
        _attemptsFailed.Add(1, new("cluster", clusterId), new("code", code));

    public void RequestEnded(GatewayRequest request, int status, TimeSpan elapsed)
    {
        var cluster = request.Attempt?.Target.Cluster.Id ?? "";
        var route = request.Decision?.Route.Id ?? "";
        _requests.Add(1, new("route", route), new("cluster", cluster), new("outcome", request.Outcome?.ToHeaderValue() ?? ""), new("status", status));
        _duration.Record(elapsed.TotalSeconds, new("route", route), new("cluster", cluster));
        if (request.Outcome is not null)
        {
            _decision.Record(request.DecideMs / 1000);
        }

        if (request.Attempt is not { } attempt)
        {
            return;
        }

        if (attempt.TimeToFirstToken is { } firstToken)
        {
            _firstToken.Record(firstToken.TotalSeconds, new KeyValuePair<string, object?>("cluster", cluster));
        }

        AddTokens("input", request.PromptTokens);
        AddTokens("output", request.CompletionTokens);

        void AddTokens(string direction, int tokens)
        {
            if (tokens > 0)
            {
                _tokens.Add(tokens, new("cluster", cluster), new("direction", direction));
            }
        }
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Observe(EmbeddedBackendSupervisor embedded, Func<EmbeddedBackend, long> value) =>
        embedded.Backends.Select(backend => new Measurement<long>(value(backend), new KeyValuePair<string, object?>("cluster", backend.ClusterId)));
}
