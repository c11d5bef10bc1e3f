using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>A rule that decided.</summary>
/// <param name="Route">Whose rule it is.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Value">The keyword or expression; empty for the other kinds.</param>
public sealed record RuleMatch(Route Route, RuleKind Kind, string Value);
