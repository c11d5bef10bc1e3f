using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using RouterGateway.Gateway.Tools.Mcp.Server;

namespace RouterGateway.Gateway.Errors;

/// <summary>Writes a failure in OpenAI's shape: as an answer before the first byte, as a stream event after it.</summary>
internal static class ErrorWriter
{
    // JSON that is read as JSON needs no escapes for HTML, and people read these messages in logs
    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with the failure's status and body. The response must not have started.</summary>
    public static Task WriteAsync(HttpContext context, GatewayFailure failure) =>
        WriteAsync(context, failure, McpErrorBody.IsFor(context.Request) ? McpErrorBody.Format(failure) : Format(failure));

    /// <summary>Answers with the failure's status and a body in the client's protocol.</summary>
    public static async Task WriteAsync(HttpContext context, GatewayFailure failure, ReadOnlyMemory<byte> body)
    {
        var entry = GatewayErrorTable.Get(failure.Error);
        var response = context.Response;
        var allow = response.Headers.Allow; // routing says which methods a 405 leaves (RFC 9110, section 15.5.6)
        response.Clear();
        response.Headers.Allow = allow;
        response.StatusCode = entry.Status;
        response.ContentType = "application/json";
        // the openai SDKs read these three (openai-node src/client.ts): x-should-retry wins over the status
        response.Headers["x-should-retry"] = entry.RetryAfter is null ? "false" : "true";
        if (entry.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = ((int)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = ((int)delay.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        }

        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    /// <summary>The failure as one server-sent event, which every OpenAI SDK raises as an error.</summary>
    public static byte[] FormatEvent(GatewayFailure failure) => [.. "data: "u8, .. Format(failure), .. "\n\n"u8];

    private static byte[] Format(GatewayFailure failure)
    {
        var entry = GatewayErrorTable.Get(failure.Error);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, _readable))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, failure.Message);
            json.WriteString("type"u8, entry.Type);
            json.WriteString("param"u8, failure.Param);
            json.WriteString("code"u8, entry.Code);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
