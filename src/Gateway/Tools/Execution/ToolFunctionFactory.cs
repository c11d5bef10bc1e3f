using Microsoft.Extensions.AI;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Execution;

/// <summary>Makes the function behind a tool.</summary>
#pragma warning disable CA1852 // not sealed: tests put functions of their own in place of the network
internal class ToolFunctionFactory(HttpToolClient http, McpServers servers)
#pragma warning restore CA1852
{
    /// <returns>A function whose result is a <see cref="ToolResult"/>; <c>null</c> when the caller runs the tool.</returns>
    public virtual AIFunction? Create(RegisteredTool tool) => tool.Definition.Target switch
    {
        HttpTarget => new HttpToolFunction(tool, http),
        McpTarget => new McpToolFunction(tool, servers),
        _ => null,
    };
}
