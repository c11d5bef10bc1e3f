namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Where the connection to an MCP server stands.</summary>
internal enum McpServerState
{
    /// <summary>It was not reached yet, and did not fail yet.</summary>
    Connecting,

    /// <summary>Its tools are offered.</summary>
    Ready,

    /// <summary>It could not be reached or was lost; it is tried again.</summary>
    Lost,
}
