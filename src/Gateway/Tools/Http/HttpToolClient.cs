using System.Text.Json;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Calls HTTP endpoints that callers registered.</summary>
internal sealed class HttpToolClient
{
    public Task<ToolResult> CallAsync(HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, CancellationToken cancellationToken) =>
        Task.FromResult(ToolResult.Broken($"{GetType().Name} is not there yet"));
}
