using System.Collections.Immutable;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Receipts;

/// <summary>What a candidate would change of what was decided; or its faults, and then nothing else.</summary>
public sealed record ReplayResult
{
    /// <summary>All that is wrong with the candidate; empty when it was decided by.</summary>
    public ImmutableArray<RouteTableFault> Faults { get; init; } = [];

    /// <summary>Version that the candidate would have.</summary>
    public string Version { get; init; } = "";

    /// <summary>Hash of what in it influences decisions.</summary>
    public string RoutingHash { get; init; } = "";

    /// <summary>Where the receipts were read.</summary>
    public ReceiptSource Source { get; init; }

    /// <summary>Requests that were decided again.</summary>
    public int Replayed { get; init; }

    /// <summary>Those that would take another route.</summary>
    public int Changed { get; init; }

    /// <summary>Requests that were left out because the caller had named the route, cluster or model.</summary>
    public int Pinned { get; init; }

    /// <summary>Requests that were left out because their conversation kept its route.</summary>
    public int InSession { get; init; }

    /// <summary>Not decided again, because the router was late, broken or overloaded when they came: any decision would look like a change.</summary>
    public int Undecided { get; init; }

    /// <summary>Requests that were left out because their text was not kept.</summary>
    public int WithoutText { get; init; }

    /// <summary>From which routes to which, most requests first.</summary>
    public ImmutableArray<ReplayMove> Moves { get; init; } = [];

    /// <summary>The newest requests that would take another route.</summary>
    public ImmutableArray<ReplayChange> Changes { get; init; } = [];
}
