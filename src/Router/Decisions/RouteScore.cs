namespace RouterGateway.Router.Decisions;

/// <summary>The calibrated probability of one route.</summary>
/// <param name="RouteId">The route.</param>
/// <param name="Probability">0 to 1; those of all routes add up to 1.</param>
public readonly record struct RouteScore(string RouteId, double Probability);
