namespace RouterGateway.Router.Receipts;

/// <summary>A request that would take another route.</summary>
/// <param name="Id">Id of its decision.</param>
/// <param name="Time">When it arrived.</param>
/// <param name="From">What was decided.</param>
/// <param name="To">What the candidate decides.</param>
public sealed record ReplayChange(string Id, DateTimeOffset Time, ReplayedDecision From, ReplayedDecision To);
