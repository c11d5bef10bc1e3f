using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Completions and their chunks as nodes: in the tool loop answers are changed as they pass, and unknown fields stay.</summary>
internal static class CompletionJson
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ChatRequestReader.MaxDepth };

    /// <summary>Reads an object; <c>null</c> for anything else, and for one whose readers could disagree because a name stands there twice.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a name that is half a surrogate pair
        {
            return null;
        }
    }

    /// <summary>An id for a call that a backend gave none.</summary>
    public static string NewCallId() => $"call_{Guid.NewGuid():N}";

    public static byte[] ToBytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            node.WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text of a member; <c>null</c> when it is no text.</summary>
    public static string? Text(JsonObject? parent, string name)
    {
        try
        {
            return parent?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        }
        catch (InvalidOperationException) // half a surrogate pair
        {
            return null;
        }
    }

    /// <summary>The number of a member; <c>null</c> when it is no whole number.</summary>
    public static int? Number(JsonObject parent, string name) => parent[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
