namespace RouterGateway.Router.Sessions;

/// <summary>What is remembered of a conversation.</summary>
/// <param name="RouteId">The route that it takes.</param>
/// <param name="Confidence">How likely that route was when it was chosen.</param>
/// <param name="IsDefault">True when it is the default route because no route was likely enough: any that is then takes over.</param>
/// <param name="Destination">Who holds its KV prefix; null = nobody answered yet.</param>
/// <param name="Version">Counts the writes to Redis: of two, the one with more is newer, whatever the clocks of the gateways say.</param>
internal sealed record Session(string RouteId, double Confidence, bool IsDefault, PinnedDestination? Destination, int Version = 0)
{
    /// <summary>When this process wrote it to Redis, on its own clock; null when another did. Not stored.</summary>
    public long? WrittenAt { get; init; }

    /// <summary>True when it says the same as another.</summary>
    public bool SaysWhat(Session? other) => other is not null && (RouteId, IsDefault, Destination) == (other.RouteId, other.IsDefault, other.Destination);
}
