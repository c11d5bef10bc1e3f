namespace RouterGateway.Gateway.Errors;

/// <summary>Every failure that a client can see; <see cref="GatewayErrorTable"/> says how each looks on the wire.</summary>
internal enum GatewayError
{
    InvalidJson,
    InvalidRequest,
    ModelNotFound,
    UnknownUrl,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    Unauthorized,
    Forbidden,
    DecisionNotFound,
    TextNotKept,
    ToolNotFound,
    TooManyTools,
    InvalidRoutesFile,
    RedisUnavailable,
    BackendUnavailable,
    BackendTimeout,
    BackendFailed,
    BackendInvalidResponse,
    BackendRefusedCredentials,
    StreamBroken,
    NotAcceptable,
    SessionNotFound,
    TooManySessions,
    SessionsExhausted,
    Internal,
}
