using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Completions and their chunks as nodes: in the tool loop answers are changed as they pass, and unknown fields stay.</summary>
internal static class CompletionJson
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ChatRequestReader.MaxDepth };

    /// <summary>Reads an object; <c>null</c> for anything else. Of a name that stands there twice the last counts, as it does for SDKs.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return Read(JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = ChatRequestReader.MaxDepth })) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] ToBytes(JsonNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, _options))
        {
            Write(json, node);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text of a member; <c>null</c> when it is no text. Halves of surrogate pairs stay: the other half may come with the next chunk.</summary>
    public static string? Text(JsonObject? parent, string name) => parent?[name] switch
    {
        JsonValue value when value.TryGetValue<JsonElement>(out var read) => read.ValueKind == JsonValueKind.String ? Decode(JsonMarshal.GetRawUtf8Value(read)[1..^1]) : null,
        JsonValue value when value.TryGetValue<string>(out var written) => written,
        _ => null,
    };

    /// <summary>The text of a member; <c>null</c> when it is no text, or an empty one.</summary>
    public static string? Filled(JsonObject? parent, string name) => Text(parent, name) is { Length: > 0 } text ? text : null;

    /// <summary>The number of a member; <c>null</c> when it is no whole number.</summary>
    public static int? Number(JsonObject parent, string name) => parent[name] is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    /// <summary>The arguments of a function: a text, but some backends write the object itself.</summary>
    public static string Arguments(JsonObject? function) =>
        Text(function, "arguments") ?? Text(function, "input") ?? (function?["arguments"] is JsonObject arguments ? Encoding.UTF8.GetString(ToBytes(arguments)) : "");

    // JsonNode.Parse leaves names unread, and throws at a name that stands there twice or is half a surrogate pair when it is used
    private static JsonNode? Read(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonObject();
                foreach (var member in json.EnumerateObject())
                {
                    members[Decode(JsonMarshal.GetRawUtf8PropertyName(member))] = Read(member.Value);
                }

                return members;
            case JsonValueKind.Array:
                return new JsonArray([.. json.EnumerateArray().Select(Read)]);
            case JsonValueKind.Null:
                return null;
            default:
                return JsonValue.Create(json);
        }
    }

    // strings and numbers keep their bytes: decoding and encoding them again would lose halves of surrogate pairs
    private static void Write(Utf8JsonWriter json, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                json.WriteStartObject();
                foreach (var (name, value) in members)
                {
                    json.WritePropertyName(name);
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
            case JsonArray items:
                json.WriteStartArray();
                foreach (var item in items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValue value when value.TryGetValue<JsonElement>(out var read):
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(read), skipInputValidation: true);
                break;
            case null:
                json.WriteNullValue();
                break;
            default:
                node.WriteTo(json);
                break;
        }
    }

    private static string Decode(ReadOnlySpan<byte> utf8)
    {
        var text = new StringBuilder();
        for (int escape; (escape = utf8.IndexOf((byte)'\\')) >= 0;)
        {
            text.Append(Encoding.UTF8.GetString(utf8[..escape]));
            var isUnicode = utf8[escape + 1] == 'u';
            text.Append(isUnicode ? (char)ushort.Parse(utf8.Slice(escape + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Unescape(utf8[escape + 1]));
            utf8 = utf8[(escape + (isUnicode ? 6 : 2))..];
        }

        return text.Append(Encoding.UTF8.GetString(utf8)).ToString();
    }

    private static char Unescape(byte escaped) => escaped switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escaped,
    };
}
