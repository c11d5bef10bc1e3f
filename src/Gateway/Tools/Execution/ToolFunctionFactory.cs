using Microsoft.Extensions.AI;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>Makes the function behind a tool.</summary>
internal sealed class ToolFunctionFactory(HttpToolClient http, McpServers servers)
{
    /// <returns>A function whose result is a <see cref="ToolResult"/>; <c>null</c> when the caller runs the tool.</returns>
    public AIFunction? Create(RegisteredTool tool) => tool.Definition.Target switch
    {
        HttpTarget => new HttpToolFunction(tool, http),
        McpTarget => new McpToolFunction(tool, servers),
        _ => null,
    };
}
