using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Failures in the shape that MCP clients expect: JSON-RPC's.</summary>
internal static class McpErrorBody
{
    private const int ServerError = -32000; // JSON-RPC: -32000 to -32099 are an implementation's own
    private const int SessionNotFound = -32001; // what the SDKs send and know

    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>True when the client speaks MCP.</summary>
    public static bool IsFor(HttpRequest request) => request.Path.Equals(McpEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    public static byte[] Format(GatewayFailure failure) => Format(new McpFailure(failure));

    public static byte[] Format(McpFailure failure)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, _readable))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            WriteId(json, failure.Id);
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, failure.Code is { } code ? (int)code : CodeOf(failure.Failure.Error));
            json.WriteString("message"u8, failure.Failure.Message);
            json.WriteStartObject("data"u8);
            json.WriteString("code"u8, GatewayErrorTable.Get(failure.Failure.Error).Code);
            WriteVersions(json, failure);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteId(Utf8JsonWriter json, RequestId id)
    {
        switch (id.Id)
        {
            case string text:
                json.WriteString("id"u8, text);
                break;
            case long number:
                json.WriteNumber("id"u8, number);
                break;
            default:
                json.WriteNull("id"u8); // JSON-RPC, section 5: when it could not be told
                break;
        }
    }

    /// <summary>What a client needs to ask again in a revision that is served.</summary>
    private static void WriteVersions(Utf8JsonWriter json, McpFailure failure)
    {
        if (failure.RequestedVersion is not { } requested)
        {
            return;
        }

        json.WriteString("requested"u8, requested);
        json.WriteStartArray("supported"u8);
        foreach (var version in McpRevision.All)
        {
            json.WriteStringValue(version);
        }

        json.WriteEndArray();
    }

    private static int CodeOf(GatewayError error) => error switch
    {
        GatewayError.InvalidJson => (int)McpErrorCode.ParseError,
        GatewayError.InvalidRequest => (int)McpErrorCode.InvalidRequest,
        GatewayError.SessionNotFound => SessionNotFound,
        GatewayError.Internal => (int)McpErrorCode.InternalError,
        _ => ServerError,
    };
}
