using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>A tool that is an HTTP endpoint.</summary>
internal sealed class HttpToolFunction(RegisteredTool tool, HttpToolClient client) : ToolFunction(tool)
{
    protected override Task<ToolResult> CallAsync(IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        client.CallAsync((HttpTarget)Tool.Definition.Target, arguments, cancellationToken);
}
