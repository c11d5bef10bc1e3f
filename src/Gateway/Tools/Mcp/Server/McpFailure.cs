using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Why a request of an MCP client is refused before the protocol sees it.</summary>
/// <param name="Failure">What happened.</param>
internal sealed record McpFailure(GatewayFailure Failure)
{
    /// <summary>JSON-RPC's code, when the specification names one; <c>null</c>: the one that goes with the error.</summary>
    public McpErrorCode? Code { get; init; }

    /// <summary>Id of the request at fault; the default: none could be told.</summary>
    public RequestId Id { get; init; }

    /// <summary>The revision that is not served; <c>null</c>: the fault is another.</summary>
    public string? RequestedVersion { get; init; }

    public static McpFailure Of(GatewayError error, string message, McpErrorCode? code = null) => new(new GatewayFailure(error, message)) { Code = code };

    public static McpFailure Invalid(string message, McpErrorCode? code = null) => Of(GatewayError.InvalidRequest, message, code);
}
