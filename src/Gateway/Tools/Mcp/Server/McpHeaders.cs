using ModelContextProtocol;
using RouterGateway.Gateway.Endpoints;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The headers of streamable HTTP, and what is refused for them before a body is read.</summary>
internal static class McpHeaders
{
    public const string SessionId = "Mcp-Session-Id";
    public const string ProtocolVersion = "MCP-Protocol-Version";
    public const string Method = "Mcp-Method";
    public const string Name = "Mcp-Name";
    public const string EventStream = "text/event-stream";

    private const string Json = "application/json";

    /// <returns>Why the request is refused whatever its method; <c>null</c>: it is not.</returns>
    public static McpFailure? Refuse(HttpRequest request) => RefuseOrigin(request) is { } reason
        ? McpFailure.Of(GatewayError.Forbidden, reason)
        : RefuseVersion(request);

    /// <returns>Why a POST is refused; <c>null</c>: it is not.</returns>
    public static McpFailure? RefusePost(HttpRequest request) =>
        !Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase)
            ? McpFailure.Of(GatewayError.UnsupportedMediaType, $"A message comes as Content-Type: {Json}.")
            : Accepts(request, Json) && Accepts(request, EventStream) ? null
            : McpFailure.Of(GatewayError.NotAcceptable, $"Accept must name {Json} and {EventStream}: either may answer a message.");

    /// <returns>Why a GET is refused; <c>null</c>: it is not.</returns>
    public static McpFailure? RefuseGet(HttpRequest request) =>
        Accepts(request, EventStream) ? null : McpFailure.Of(GatewayError.NotAcceptable, $"Accept must name {EventStream}: that is all that GET answers.");

    /// <summary>DNS rebinding and pages of other sites (2025-11-25, Transports, Security Warning); no key is needed for shared tools.</summary>
    /// <remarks>A page may only ask the address that it came from, and only where that is no name, for a name can be let point here.</remarks>
    private static string? RefuseOrigin(HttpRequest request)
    {
        if (RequestOrigin.IsForeignPage(request))
        {
            return "This request was made by a page of another site (Origin).";
        }

        var hasName = !RequestOrigin.NamesLoopback(request) && !RequestOrigin.NamesAddress(request);
        if (hasName && request.Headers.ContainsKey("Origin"))
        {
            return "Pages of a site with a name are not served (Origin): the name may have been let point here.";
        }

        return hasName && RequestOrigin.IsLocal(request) && RequestOrigin.ProxyHeader(request.Headers) is null
            ? "This request comes from the gateway's own machine, yet is addressed to another host name than localhost."
            : null;
    }

    private static McpFailure? RefuseVersion(HttpRequest request)
    {
        var version = request.Headers[ProtocolVersion].ToString();
        return version.Length == 0 || McpRevision.IsServed(version) ? null
            : McpFailure.Invalid($"{ProtocolVersion} names a revision that is not served.", McpErrorCode.UnsupportedProtocolVersion) with { RequestedVersion = version };
    }

    private static bool Accepts(HttpRequest request, string mediaType) =>
        request.GetTypedHeaders().Accept.Any(range => range.MatchesMediaType(mediaType));
}
