using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Writes the parameters of a tool into a larger document, where <c>#</c> no longer is the schema itself.</summary>
internal static class EmbeddedSchema
{
    /// <summary>Writes the schema as a value.</summary>
    /// <param name="json">Receives it.</param>
    /// <param name="schema">An object: the parameters of a definition, checked and thereby bounded in depth.</param>
    /// <param name="pointer">Where it will stand: <c>#/…</c>.</param>
    public static void Write(Utf8JsonWriter json, JsonElement schema, string pointer)
    {
        json.WriteStartObject();
        if (!schema.Has("type"))
        {
            json.WriteString("type", "object"); // as arguments are, said or not
        }

        WriteMembers(json, schema, pointer);
        json.WriteEndObject();
    }

    private static void WriteSchema(Utf8JsonWriter json, JsonElement schema, string pointer)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            schema.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        WriteMembers(json, schema, pointer);
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, JsonElement schema, string pointer)
    {
        foreach (var member in schema.EnumerateObject())
        {
            json.WritePropertyName(member.Name);
            var (name, value) = (member.Name, member.Value);
            if (name == "$ref" && value.ValueKind == JsonValueKind.String && value.GetString() is { } reference && (reference == "#" || reference.StartsWith("#/", StringComparison.Ordinal)))
            {
                json.WriteStringValue(pointer + reference[1..]);
            }
            else if (value.ValueKind == JsonValueKind.Array && SchemaKeywords.OfLists.Contains(name))
            {
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteSchema(json, item, pointer);
                }

                json.WriteEndArray();
            }
            else if (value.ValueKind == JsonValueKind.Object && SchemaKeywords.OfMaps.Contains(name))
            {
                json.WriteStartObject();
                foreach (var inner in value.EnumerateObject())
                {
                    json.WritePropertyName(inner.Name);
                    WriteSchema(json, inner.Value, pointer);
                }

                json.WriteEndObject();
            }
            else if (SchemaKeywords.OfSchemas.Contains(name))
            {
                WriteSchema(json, value, pointer);
            }
            else
            {
                value.WriteTo(json);
            }
        }
    }
}
