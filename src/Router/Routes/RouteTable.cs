using System.Collections.Frozen;
using System.Collections.Immutable;

namespace RouterGateway.Router.Routes;

/// <summary>An immutable snapshot of the routes file: swapped whole, read without locks.</summary>
public sealed class RouteTable
{
    /// <summary>Absolute path of the file it was read from.</summary>
    public required string File { get; init; }

    /// <summary>Hash of the file and its examples files, 16 hexadecimal digits.</summary>
    public required string Version { get; init; }

    /// <summary>Hash of what influences decisions only (routes' ids, descriptions, examples, rules, thresholds; the router
    /// section without deadline and device), 16 hexadecimal digits. The order of routes counts only where rules make it count.</summary>
    public required string RoutingHash { get; init; }

    /// <summary>How prompts are decided.</summary>
    public required RouterSettings Settings { get; init; }

    /// <summary>How long decisions and conversations are remembered, and where.</summary>
    public DecisionSettings Decisions { get; init; } = new();

    /// <summary>Which tools there are, and how they run.</summary>
    public ToolSettings Tools { get; init; } = new();

    /// <summary>The routes in the order of the file.</summary>
    public required ImmutableArray<Route> Routes { get; init; }

    /// <summary>The routes by <see cref="Route.Id"/>.</summary>
    public required FrozenDictionary<string, Route> RoutesById { get; init; }

    /// <summary>The clusters by <see cref="Cluster.Id"/>.</summary>
    public required FrozenDictionary<string, Cluster> ClustersById { get; init; }

    /// <summary>The route used when no other is sure enough.</summary>
    public Route DefaultRoute => RoutesById[Settings.DefaultRouteId];

    /// <summary>Returns what somebody may have meant by a route that is not there, to be put behind a message: <c>; did you mean "x"?</c>, the routes when they are few, or nothing.</summary>
    public string HintForRoute(string written) => Spelling.Hint(written, RoutesById.Keys);

    /// <summary>What is allowed and yet hardly meant, each as a sentence with its place in the file. Secrets are looked for now.</summary>
    public IEnumerable<string> Warnings => RouteTableWarnings.Of(this);

    /// <summary>Every file that the table was read from: the routes file first, then the examples files.</summary>
    public required ImmutableArray<string> SourceFiles { get; init; }
}
