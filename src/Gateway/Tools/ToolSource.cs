namespace RouterGateway.Gateway.Tools;

/// <summary>Where a tool of the registry comes from.</summary>
internal enum ToolSource
{
    /// <summary>Registered over HTTP, with a lease.</summary>
    Caller,

    /// <summary>Declared in <c>routes.json</c>.</summary>
    File,

    /// <summary>Offered by an MCP server of <c>routes.json</c>.</summary>
    McpServer,
}
