using System.Globalization;
using System.Text.Json;

namespace RouterGateway.Router.Tools;

/// <summary>Writes definitions as <see cref="ToolDefinitionReader"/> reads them.</summary>
public static class ToolDefinitionJson
{
    /// <summary>Writes the members of a definition into an object that was begun.</summary>
    public static void WriteMembers(Utf8JsonWriter json, ToolDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(definition);
        json.WriteString("name"u8, definition.Name);
        json.WriteString("description"u8, definition.Description);
        json.WritePropertyName("parameters"u8);
        definition.Parameters.WriteTo(json);
        json.WriteString("type"u8, definition.Target.Type);
        switch (definition.Target)
        {
            case HttpTarget http:
                Write(json, http);
                break;
            case McpTarget mcp:
                json.WriteStartObject("mcp"u8);
                json.WriteString("server"u8, mcp.Server);
                json.WriteString("tool"u8, mcp.Tool);
                json.WriteEndObject();
                break;
            default:
                break;
        }

        json.WriteString("visibility"u8, definition.Visibility == ToolVisibility.Shared ? "shared"u8 : "private"u8);
        if (definition.LeaseTtl is { } lease)
        {
            json.WriteString("leaseTtl"u8, Text(lease));
        }
    }

    /// <summary>The definition as UTF-8 JSON; equal definitions give equal bytes.</summary>
    public static byte[] ToBytes(ToolDefinition definition)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            WriteMembers(json, definition);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    // in the largest unit that leaves no rest, as people write it
    private static string Text(TimeSpan duration)
    {
        var milliseconds = (long)Math.Round(duration.TotalMilliseconds);
        var (number, unit) = milliseconds switch
        {
            _ when milliseconds % 3_600_000 == 0 => (milliseconds / 3_600_000, "h"),
            _ when milliseconds % 60_000 == 0 => (milliseconds / 60_000, "m"),
            _ when milliseconds % 1_000 == 0 => (milliseconds / 1_000, "s"),
            _ => (milliseconds, "ms"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    private static void Write(Utf8JsonWriter json, HttpTarget http)
    {
        json.WriteStartObject("http"u8);
        json.WriteString("url"u8, http.Url);
        json.WriteString("method"u8, http.Method);
        if (!http.Headers.IsEmpty)
        {
            json.WriteStartObject("headers"u8);
            foreach (var (name, header) in http.Headers)
            {
                json.WritePropertyName(name);
                Write(json, header);
            }

            json.WriteEndObject();
        }

        if (!http.Query.IsEmpty)
        {
            json.WriteStartArray("query"u8);
            foreach (var name in http.Query)
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
        }

        if (http.Body is { } body)
        {
            json.WriteString("body"u8, body);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ToolHeader header)
    {
        if (header.Text is { } text)
        {
            json.WriteStringValue(text);
            return;
        }

        json.WriteStartObject();
        if (header.Secret is { } secret)
        {
            json.WriteString("secret"u8, secret);
        }

        if (header.Argument is { } argument)
        {
            json.WriteString("argument"u8, argument);
        }

        if (header.Prefix.Length > 0)
        {
            json.WriteString("prefix"u8, header.Prefix);
        }

        json.WriteEndObject();
    }
}
