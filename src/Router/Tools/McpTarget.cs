namespace RouterGateway.Router.Tools;

/// <summary>The tool of an MCP server of <c>routes.json</c>.</summary>
/// <param name="Server">Id of the server in <c>tools.mcpServers</c>.</param>
/// <param name="Tool">Name of the tool at that server.</param>
public sealed record McpTarget(string Server, string Tool) : ToolTarget
{
    /// <inheritdoc/>
    public override string Type => "mcp";
}
