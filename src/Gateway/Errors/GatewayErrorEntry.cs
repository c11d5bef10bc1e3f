namespace RouterGateway.Gateway.Errors;

/// <summary>How one <see cref="GatewayError"/> looks to a client and in the log.</summary>
/// <param name="Status">HTTP status, as long as no byte of an answer was sent.</param>
/// <param name="Type">OpenAI's <c>error.type</c>.</param>
/// <param name="Code">OpenAI's <c>error.code</c>: one of a closed set.</param>
/// <param name="Level">Who must act decides: the operator (Error, Warning) or the client (Debug).</param>
/// <param name="RetryAfter">When a client may try again; <c>null</c>: trying again does not help.</param>
internal sealed record GatewayErrorEntry(int Status, string Type, string Code, LogLevel Level, TimeSpan? RetryAfter = null);
