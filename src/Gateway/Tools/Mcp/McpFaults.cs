using System.Text.Json;
using ModelContextProtocol;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Says what went wrong between the gateway and a server.</summary>
internal static class McpFaults
{
    private const int LongestMessage = 500;

    /// <summary>For operators: the whole chain, cut.</summary>
    public static string Describe(Exception exception)
    {
        var text = exception.Message;
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            text += text.Contains(inner.Message, StringComparison.Ordinal) ? "" : $" ({inner.Message})";
        }

        return Cut(text);
    }

    /// <summary>For models and callers: no addresses, but what the server itself has to say to a call.</summary>
    /// <returns>The result of the call; <c>null</c>: such an exception is a bug.</returns>
    public static ToolResult? ToResult(string serverId, Exception exception) => exception switch
    {
        McpProtocolException { ErrorCode: McpErrorCode.InvalidParams } e => new ToolResult($"The MCP server \"{serverId}\" refused the call: {Cut(e.Message)}", IsError: true),
        TimeoutException => ToolResult.Broken($"The MCP server \"{serverId}\" {exception.Message}."),
        McpProtocolException e => ToolResult.Broken($"The MCP server \"{serverId}\" failed: {Cut(e.Message)}"),
        JsonException => ToolResult.Broken($"The MCP server \"{serverId}\" sent an answer that does not follow the protocol."),
        HttpRequestException { StatusCode: { } status } => ToolResult.Broken($"The MCP server \"{serverId}\" answered with HTTP status {(int)status}."),
        HttpRequestException or IOException or OperationCanceledException => ToolResult.Broken($"The connection to the MCP server \"{serverId}\" was lost during the call."),
        McpException or InvalidOperationException => ToolResult.Broken($"The MCP server \"{serverId}\" did not complete the call."), // it wants what the gateway does not do, such as asking a person
        _ => null,
    };

    /// <summary>Fits a text of a server into one line of a message.</summary>
    public static string Cut(string text) => string.Concat((text.Length <= LongestMessage ? text : text[..LongestMessage] + "…").Select(static character => char.IsControl(character) ? ' ' : character));
}
