namespace RouterGateway.Router.Sessions;

/// <summary>What is remembered of a conversation.</summary>
/// <param name="RouteId">The route that it takes.</param>
/// <param name="Confidence">How likely that route was when it was chosen.</param>
/// <param name="IsDefault">True when it is the default route because no route was likely enough: any that is then takes over.</param>
/// <param name="Destination">Who holds its KV prefix; null = nobody answered yet.</param>
/// <param name="StoredAt">When it was last written to Redis.</param>
internal sealed record Session(string RouteId, double Confidence, bool IsDefault, PinnedDestination? Destination, DateTimeOffset StoredAt);
