using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouterGateway.Gateway.Protocols;

/// <summary>Answers with JSON that people read, too.</summary>
internal static class JsonAnswer
{
    private static readonly JsonWriterOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> writeMembers)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, _readable);
        json.WriteStartObject();
        writeMembers(json);
        json.WriteEndObject();
    }
}
