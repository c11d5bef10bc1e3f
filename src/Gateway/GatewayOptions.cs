namespace RouterGateway.Gateway;

/// <summary>How the gateway's process runs; what it routes is in <c>routes.json</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Path of <c>routes.json</c>. Default <c>routes.json</c> in the working folder.</summary>
    public string RoutesFile { get; set; } = "routes.json";

    /// <summary>Addresses to listen on, separated by <c>;</c>. Default <c>http://localhost:8080</c>.</summary>
    public string Urls { get; set; } = "http://localhost:8080";

    /// <summary>Largest request body accepted, in bytes. Default 16 MiB.</summary>
    public int MaxRequestBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Tries at most for one request, over destinations and fallbacks. Default 4.</summary>
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Most sessions of MCP clients at a time. Default 4,000.</summary>
    public int MaxMcpSessions { get; set; } = 4_000;

    /// <summary>Most sessions of MCP clients with the same key, or without one. Default 1,000.</summary>
    public int MaxMcpSessionsPerKey { get; set; } = 1_000;

    /// <summary>What callers of <c>/admin</c> must present. Default <c>null</c>: nothing, but only callers on this machine are served.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Command that runs this program's <c>inference</c> verb; by default this very program.</summary>
    public IReadOnlyList<string>? InferenceCommand { get; set; }
}
