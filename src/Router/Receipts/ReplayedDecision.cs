namespace RouterGateway.Router.Receipts;

/// <summary>What was, or would be, decided.</summary>
/// <param name="RouteId">The route.</param>
/// <param name="Outcome">A value of <c>x-router-outcome</c>.</param>
/// <param name="Confidence">Probability of the likeliest route, 0 to 1.</param>
public sealed record ReplayedDecision(string RouteId, string Outcome, double Confidence);
