using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The checks of revisions without sessions (2026-07-28, Transports): what intermediaries read in headers is what the body says.</summary>
internal static class LoneMessage
{
    private static readonly string[] _removed = [RequestMethods.Initialize, RequestMethods.Ping, "logging/setLevel", RequestMethods.ResourcesSubscribe, RequestMethods.ResourcesUnsubscribe];

    /// <summary>The revision that the body declares for itself; <c>null</c>: none, as in revisions with sessions.</summary>
    public static string? VersionOf(JsonRpcMessage message) =>
        MetaOf(message) is { } meta && Text(meta, MetaKeys.ProtocolVersion) is { } version && McpRevision.HasNoSessions(version) ? version : null;

    /// <returns>Why the message is refused; <c>null</c>: it is not.</returns>
    public static McpFailure? Refuse(HttpRequest request, McpMessages messages, string version)
    {
        if (messages.IsBatch || messages.All[0] is not (JsonRpcRequest or JsonRpcNotification))
        {
            return McpFailure.Invalid($"A body of revision {version} is one request or one notification.");
        }

        var message = messages.All[0];
        var failure = request.Headers.ContainsKey(McpHeaders.SessionId)
            ? McpFailure.Invalid($"Revision {version} has no sessions: leave out {McpHeaders.SessionId}.")
            : RefuseHeaders(request, message, version) ?? (message is JsonRpcRequest asked ? RefuseRequest(asked, version) : null);
        return failure is not null && message is JsonRpcRequest { Id: var id } ? failure with { Id = id } : failure;
    }

    private static McpFailure? RefuseHeaders(HttpRequest request, JsonRpcMessage message, string version)
    {
        var declared = MetaOf(message) is { } meta ? Text(meta, MetaKeys.ProtocolVersion) : null;
        if (declared is not null && declared != version || request.Headers[McpHeaders.ProtocolVersion] != version)
        {
            return Mismatch(McpHeaders.ProtocolVersion);
        }

        var method = message is JsonRpcRequest asked ? asked.Method : ((JsonRpcNotification)message).Method;
        if (request.Headers[McpHeaders.Method].ToString().Trim() != method)
        {
            return Mismatch(McpHeaders.Method);
        }

        var named = method switch { RequestMethods.ToolsCall or RequestMethods.PromptsGet => "name", RequestMethods.ResourcesRead => "uri", _ => null };
        if (named is null)
        {
            return null;
        }

        var inBody = ParametersOf(message) is { } parameters ? Text(parameters, named) : null;
        return inBody is not null && McpHeaderEncoder.DecodeValue(request.Headers[McpHeaders.Name].ToString().Trim()) == inBody ? null : Mismatch(McpHeaders.Name);
    }

    private static McpFailure? RefuseRequest(JsonRpcRequest request, string version)
    {
        if (_removed.Contains(request.Method))
        {
            return McpFailure.Of(GatewayError.UnknownUrl, $"Revision {version} has no method \"{request.Method}\".", McpErrorCode.MethodNotFound);
        }

        var meta = MetaOf(request);
        return meta is null || Text(meta, MetaKeys.ProtocolVersion) is null ? Missing(MetaKeys.ProtocolVersion)
            : meta[MetaKeys.ClientCapabilities] is not JsonObject ? Missing(MetaKeys.ClientCapabilities)
            : null;
    }

    private static McpFailure Mismatch(string header) => McpFailure.Invalid($"The header {header} is missing or differs from the body.", McpErrorCode.HeaderMismatch);

    private static McpFailure Missing(string key) => McpFailure.Invalid($"params._meta[\"{key}\"] is missing or of a wrong type.", McpErrorCode.InvalidParams);

    private static JsonObject? ParametersOf(JsonRpcMessage message) =>
        (message switch { JsonRpcRequest request => request.Params, JsonRpcNotification notification => notification.Params, _ => null }) as JsonObject;

    private static JsonObject? MetaOf(JsonRpcMessage message) => ParametersOf(message)?["_meta"] as JsonObject;

    private static string? Text(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
