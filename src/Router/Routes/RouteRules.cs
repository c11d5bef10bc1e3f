using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace RouterGateway.Router.Routes;

/// <summary>What sends a prompt to a route without classification; the first route of the file that matches wins.</summary>
public sealed record RouteRules
{
    /// <summary>Rules that match nothing.</summary>
    public static RouteRules None { get; } = new();

    /// <summary>Words or phrases, matched whole and in any casing.</summary>
    public ImmutableArray<string> Keywords { get; init; } = [];

    /// <summary>.NET regular expressions, compiled.</summary>
    public ImmutableArray<Regex> Patterns { get; init; } = [];

    /// <summary>True: every prompt with an image in one of its messages.</summary>
    public bool HasImages { get; init; }

    /// <summary>True: every prompt whose caller offers tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>True when there is no rule at all.</summary>
    public bool IsEmpty => Keywords.IsEmpty && Patterns.IsEmpty && !HasImages && !HasTools;
}
