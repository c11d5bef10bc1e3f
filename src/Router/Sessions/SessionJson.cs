using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouterGateway.Router.Sessions;

/// <summary>How a <see cref="Session"/> stands in Redis.</summary>
internal static class SessionJson
{
    private const int Version = 1;

    /// <summary>Writes it.</summary>
    public static byte[] Write(Session session) => JsonSerializer.SerializeToUtf8Bytes(
        new Stored(Version, session.RouteId, Math.Round(session.Confidence, 4), session.IsDefault, session.Destination?.ClusterId, session.Destination?.DestinationId, session.Version),
        SessionJsonContext.Default.Stored);

    /// <summary>Reads it; null for what this version cannot read, whatever it is.</summary>
    public static Session? TryRead(ReadOnlySpan<byte> value)
    {
        try
        {
            return JsonSerializer.Deserialize(value, SessionJsonContext.Default.Stored) is { V: Version, Route: { } route, Confidence: >= 0 and <= 1 } stored
                ? new Session(route, stored.Confidence, stored.Default, stored is { Cluster: { } cluster, Destination: { } destination } ? new PinnedDestination(cluster, destination) : null, stored.Writes)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal sealed record Stored(int V, string? Route, double Confidence, bool Default, string? Cluster, string? Destination, int Writes);
}

/// <summary>Generated metadata of <see cref="SessionJson.Stored"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SessionJson.Stored))]
internal sealed partial class SessionJsonContext : JsonSerializerContext;
