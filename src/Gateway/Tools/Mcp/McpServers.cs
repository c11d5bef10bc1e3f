using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>The MCP servers of <c>routes.json</c>.</summary>
internal sealed class McpServers
{
    public Task<ToolResult> CallAsync(McpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        Task.FromResult(ToolResult.Broken($"{GetType().Name} is not there yet"));
}
