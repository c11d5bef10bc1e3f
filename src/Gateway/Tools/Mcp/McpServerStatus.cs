namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>What operators see of an MCP server.</summary>
/// <param name="Id">Its id in <c>tools.mcpServers</c>.</param>
/// <param name="State">Where the connection stands.</param>
/// <param name="Tools">How many of its tools are offered.</param>
/// <param name="LastError">Why it was lost the last time; not for callers: it may name addresses and programs. <c>null</c>: it never was.</param>
/// <param name="Since">When it came into this state.</param>
internal sealed record McpServerStatus(string Id, McpServerState State, int Tools, string? LastError, DateTimeOffset Since);
