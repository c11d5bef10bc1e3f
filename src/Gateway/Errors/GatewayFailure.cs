namespace RouterGateway.Gateway.Errors;

/// <summary>One failure of one request: what happened, where, and what to do, in words a client may read.</summary>
/// <param name="Error">The row of <see cref="GatewayErrorTable"/>.</param>
/// <param name="Message">One or two sentences; never a prompt, an address of a backend or a credential.</param>
/// <param name="Param">Path of the request field at fault, such as <c>messages[0].role</c>; <c>null</c> when none is.</param>
internal sealed record GatewayFailure(GatewayError Error, string Message, string? Param = null);
