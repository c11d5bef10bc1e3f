using System.Collections.Frozen;

namespace RouterGateway.Gateway.Errors;

/// <summary>The one table of errors: status, type, code and log level of each. Nothing else writes an error status.</summary>
internal static class GatewayErrorTable
{
    private const string Invalid = "invalid_request_error";
    private const string Server = "server_error";

    private static readonly FrozenDictionary<GatewayError, GatewayErrorEntry> _entries = new Dictionary<GatewayError, GatewayErrorEntry>
    {
        [GatewayError.InvalidJson] = new(StatusCodes.Status400BadRequest, Invalid, "invalid_json", LogLevel.Debug),
        [GatewayError.InvalidRequest] = new(StatusCodes.Status400BadRequest, Invalid, "invalid_request", LogLevel.Debug),
        [GatewayError.ModelNotFound] = new(StatusCodes.Status404NotFound, Invalid, "model_not_found", LogLevel.Debug),
        [GatewayError.UnknownUrl] = new(StatusCodes.Status404NotFound, Invalid, "unknown_url", LogLevel.Debug),
        [GatewayError.MethodNotAllowed] = new(StatusCodes.Status405MethodNotAllowed, Invalid, "method_not_allowed", LogLevel.Debug),
        [GatewayError.PayloadTooLarge] = new(StatusCodes.Status413PayloadTooLarge, Invalid, "payload_too_large", LogLevel.Debug),
        [GatewayError.UnsupportedMediaType] = new(StatusCodes.Status415UnsupportedMediaType, Invalid, "unsupported_media_type", LogLevel.Debug),
        [GatewayError.Unauthorized] = new(StatusCodes.Status401Unauthorized, "authentication_error", "unauthorized", LogLevel.Debug),
        [GatewayError.Forbidden] = new(StatusCodes.Status403Forbidden, "permission_error", "forbidden", LogLevel.Debug),
        [GatewayError.DecisionNotFound] = new(StatusCodes.Status404NotFound, Invalid, "decision_not_found", LogLevel.Debug),
        [GatewayError.TextNotKept] = new(StatusCodes.Status409Conflict, Invalid, "text_not_kept", LogLevel.Debug),
        [GatewayError.ToolNotFound] = new(StatusCodes.Status404NotFound, Invalid, "tool_not_found", LogLevel.Debug),
        [GatewayError.TooManyTools] = new(StatusCodes.Status409Conflict, Invalid, "too_many_tools", LogLevel.Debug),
        [GatewayError.InvalidRoutesFile] = new(StatusCodes.Status400BadRequest, Invalid, "invalid_routes_file", LogLevel.Debug),
        [GatewayError.RedisUnavailable] = new(StatusCodes.Status503ServiceUnavailable, "service_unavailable_error", "redis_unavailable", LogLevel.Warning, TimeSpan.FromSeconds(1)),
        [GatewayError.BackendUnavailable] = new(StatusCodes.Status503ServiceUnavailable, "service_unavailable_error", "backend_unavailable", LogLevel.Warning, TimeSpan.FromSeconds(1)),
        [GatewayError.BackendTimeout] = new(StatusCodes.Status504GatewayTimeout, Server, "backend_timeout", LogLevel.Warning, TimeSpan.FromSeconds(1)),
        [GatewayError.BackendFailed] = new(StatusCodes.Status502BadGateway, Server, "backend_failed", LogLevel.Warning, TimeSpan.FromSeconds(1)),
        [GatewayError.BackendInvalidResponse] = new(StatusCodes.Status502BadGateway, Server, "backend_invalid_response", LogLevel.Warning, TimeSpan.FromSeconds(1)),
        [GatewayError.BackendRefusedCredentials] = new(StatusCodes.Status502BadGateway, Server, "backend_refused_credentials", LogLevel.Error),
        [GatewayError.StreamBroken] = new(StatusCodes.Status502BadGateway, Server, "stream_broken", LogLevel.Warning),
        [GatewayError.NotAcceptable] = new(StatusCodes.Status406NotAcceptable, Invalid, "not_acceptable", LogLevel.Debug),
        [GatewayError.SessionNotFound] = new(StatusCodes.Status404NotFound, Invalid, "session_not_found", LogLevel.Debug),
        [GatewayError.TooManySessions] = new(StatusCodes.Status429TooManyRequests, "rate_limit_error", "too_many_sessions", LogLevel.Debug, TimeSpan.FromSeconds(10)),
        [GatewayError.SessionsExhausted] = new(StatusCodes.Status503ServiceUnavailable, "service_unavailable_error", "sessions_exhausted", LogLevel.Warning, TimeSpan.FromSeconds(10)),
        [GatewayError.Internal] = new(StatusCodes.Status500InternalServerError, Server, "internal_error", LogLevel.Error),
    }.ToFrozenDictionary();

    public static GatewayErrorEntry Get(GatewayError error) => _entries[error];
}
