using System.Collections.Immutable;

namespace RouterGateway.Router.Routes;

/// <summary>A class of prompts and the cluster that is good at it.</summary>
public sealed record Route
{
    /// <summary>Unique; lower-case letters, digits, dot, dash and underscore.</summary>
    public required string Id { get; init; }

    /// <summary>What belongs here, in a sentence; counts as an example.</summary>
    public required string Description { get; init; }

    /// <summary>The cluster that serves the route.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Model name sent to the backend instead of the cluster's; null = the cluster's.</summary>
    public string? Model { get; init; }

    /// <summary>Ids of the routes whose clusters are tried, in this order, when this route's cluster fails before its first token.</summary>
    public ImmutableArray<string> Fallbacks { get; init; } = [];

    /// <summary>Least probability, 0 to 1; null = that of the router.</summary>
    public double? MinConfidence { get; init; }

    /// <summary>Least bits of the KV caches that serve this route; null = any. Only warned of.</summary>
    public int? MinKvBits { get; init; }

    /// <summary>Prompts that belong here, from the file and the route's examples file.</summary>
    public ImmutableArray<string> Examples { get; init; } = [];

    /// <summary>Prompts that look as if they belonged here and do not.</summary>
    public ImmutableArray<string> CounterExamples { get; init; } = [];

    /// <summary>What sends a prompt here without classification.</summary>
    public RouteRules Rules { get; init; } = RouteRules.None;

    /// <summary>How its requests use registered tools.</summary>
    public RouteTools Tools { get; init; } = RouteTools.Default;
}
