using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>A tool of an MCP server.</summary>
internal sealed class McpToolFunction(RegisteredTool tool, McpServers servers) : ToolFunction(tool)
{
    // what a caller registered on top of a server opens no tool that the operator keeps back; the file may
    protected override Task<ToolResult> CallAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        Tool.Definition.Target is McpTarget target && (Tool.Source != ToolSource.Caller || servers.Offers(target))
            ? servers.CallAsync(target, arguments, progress, cancellationToken)
            : Task.FromResult(new ToolResult($"The tool \"{Tool.Name}\" leads to a tool of an MCP server that is not offered here.", IsError: true));
}
