namespace RouterGateway.Router.Receipts;

/// <summary>How many requests would move from one route to another.</summary>
/// <param name="From">The route that was taken.</param>
/// <param name="To">The route that the candidate takes.</param>
/// <param name="Count">Requests.</param>
public sealed record ReplayMove(string From, string To, int Count);
