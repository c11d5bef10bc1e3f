using RouterGateway.Gateway.Proxy;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Gateway;

/// <summary>What is known of one request so far: filled by the stages, read by the headers, the log and the metrics.</summary>
internal sealed class GatewayRequest(string id, long startedTimestamp)
{
    /// <summary>The client's <c>x-request-id</c>, or one made here.</summary>
    public string Id { get; } = id;

    public long StartedTimestamp { get; } = startedTimestamp;

    /// <summary><c>null</c> until decided, and for a request that named a cluster.</summary>
    public Decision? Decision { get; set; }

    /// <summary>Id of the decision; also given to a request that named a cluster.</summary>
    public string? DecisionId { get; set; }

    public DecisionOutcome? Outcome { get; set; }

    /// <summary>The caller offered tools.</summary>
    public bool HasTools { get; set; }

    /// <summary>A message carries an image.</summary>
    public bool HasImages { get; set; }

    /// <summary>The attempt that answered, or the last one that failed.</summary>
    public Attempt? Attempt { get; set; }

    public int Attempts { get; set; }

    /// <summary>The model name that the backend was given.</summary>
    public string? Model { get; set; }

    public double ParseMs { get; set; }

    public double DecideMs { get; set; }
}
