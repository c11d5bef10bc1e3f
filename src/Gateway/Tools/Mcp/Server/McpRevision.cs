namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The revisions of the protocol that are served, and how they differ in what concerns HTTP.</summary>
internal static class McpRevision
{
    /// <summary>What a request without the header speaks (2025-06-18, Transports).</summary>
    public const string Assumed = "2025-03-26";

    /// <summary>The first without sessions and handshake: every request tells who asks, and stands alone.</summary>
    public const string FirstWithoutSessions = "2026-07-28";

    private const string FirstWithoutBatches = "2025-06-18";

    /// <summary>All that are served, oldest first.</summary>
    public static string[] All { get; } = ["2024-11-05", Assumed, FirstWithoutBatches, "2025-11-25", FirstWithoutSessions];

    public static bool IsServed(string version) => All.Contains(version);

    /// <summary>True for the revisions whose requests stand alone. Revisions are dates, in the order of their text.</summary>
    public static bool HasNoSessions(string? version) => string.CompareOrdinal(version, FirstWithoutSessions) >= 0;

    /// <summary>True for the revisions in which a body may be an array of messages.</summary>
    public static bool HasBatches(string? version) => version is not null && string.CompareOrdinal(version, FirstWithoutBatches) < 0;
}
