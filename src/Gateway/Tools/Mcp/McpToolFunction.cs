using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>A tool of an MCP server.</summary>
internal sealed class McpToolFunction(RegisteredTool tool, McpServers servers) : ToolFunction(tool)
{
    protected override Task<ToolResult> CallAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        servers.CallAsync((McpTarget)Tool.Definition.Target, arguments, progress, cancellationToken);
}
