using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Guidance;

/// <summary>Reads the JSON Schemas of clients, and readies them for the native library.</summary>
internal static class GuidedSchema
{
    private const int LongestCharacters = 128 << 10;
    private const int MostItems = 1000;
    private const int MostCombinedPatterns = 12;
    private const string Settings = "x-guidance";

    // Weak models that may write white space go on doing so: there is one space where models have learnt to put it, and no other.
    private const string Layout = """{"whitespace_flexible":false,"item_separator":", ","key_separator":": "}""";

    private static readonly FrozenSet<string> _annotations = FrozenSet.Create(
        "type", "title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions", "nullable", Settings);

    private static readonly JsonDocumentOptions _strict = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <summary>Reads a schema.</summary>
    /// <exception cref="GuidanceException">It is not a JSON object, or too large or too deep.</exception>
    public static JsonDocument Parse(string schemaJson)
    {
        if (schemaJson.Length > LongestCharacters)
        {
            throw new GuidanceException($"The schema is longer than {LongestCharacters} characters");
        }

        try
        {
            var document = JsonDocument.Parse(schemaJson, _strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: a name with half of a surrogate pair
        {
            throw new GuidanceException($"The schema is not valid JSON: {e.Message}", e);
        }

        throw new GuidanceException("The schema is not a JSON object");
    }

    /// <summary>The schema with this server's settings in place of the client's, and its objects closed where that can be seen to be harmless.</summary>
    /// <exception cref="GuidanceException">As <see cref="Parse"/>, or it counts too many items.</exception>
    public static string Prepare(string schemaJson)
    {
        using var document = Parse(schemaJson);
        var bytes = new ArrayBufferWriter<byte>(schemaJson.Length + 128);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            CheckItems(document.RootElement);
            var combines = Combines(document.RootElement);
            if (combines && CountPatterns(document.RootElement) > MostCombinedPatterns)
            {
                throw new GuidanceException($"The schema cannot be followed: it combines parts and has more than {MostCombinedPatterns} patterns");
            }

            try
            {
                WriteSchema(document.RootElement, closes: !combines, isRoot: true, writer);
            }
            catch (InvalidOperationException e)
            {
                throw new GuidanceException("The schema requires a property whose name has half of a surrogate pair", e);
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    // Each item that is counted is a rule more: thousands take seconds to compile, and a thousand million never end.
    private static void CheckItems(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                CheckItems(item);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.Name is "minItems" or "maxItems" && property.Value.ValueKind == JsonValueKind.Number && property.Value.GetDouble() > MostItems)
                {
                    throw new GuidanceException($"The schema cannot be followed: \"{property.Name}\" above {MostItems} is not supported");
                }

                CheckItems(property.Value);
            }
        }
    }

    // The native library decides whether an intersection of patterns is empty, which for some dozens never ends.
    private static int CountPatterns(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Sum(CountPatterns),
        JsonValueKind.Object => element.EnumerateObject().Sum(static property => CountPatterns(property.Value) + (property.Name, property.Value.ValueKind) switch
        {
            ("pattern", JsonValueKind.String) => 1,
            ("patternProperties", JsonValueKind.Object) => property.Value.EnumerateObject().Count(),
            _ => 0,
        }),
        _ => 0,
    };

    // Whether one value must obey several parts at once: closing the objects of one part would forbid what another asks for.
    private static bool Combines(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Any(Combines),
        JsonValueKind.Object => element.TryGetProperty("allOf", out _)
            || ((element.TryGetProperty("anyOf", out _) || element.TryGetProperty("oneOf", out _) || element.TryGetProperty("$ref", out _))
                && element.EnumerateObject().Count(static property => !_annotations.Contains(property.Name)) > 1)
            || element.EnumerateObject().Any(static property => Combines(property.Value)),
        _ => false,
    };

    private static void WriteSchema(JsonElement schema, bool closes, bool isRoot, Utf8JsonWriter writer)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            writer.WriteRawValue(schema.GetRawText(), skipInputValidation: true);
            return;
        }

        writer.WriteStartObject();
        if (isRoot)
        {
            writer.WritePropertyName(Settings);
            writer.WriteRawValue(Layout, skipInputValidation: true);
        }

        foreach (var property in schema.EnumerateObject())
        {
            if (!isRoot || !property.NameEquals(Settings))
            {
                writer.WritePropertyName(property.Name);
                WriteKeyword(property.Name, property.Value, closes, writer);
            }
        }

        if (closes && IsOpenWithoutNeed(schema))
        {
            writer.WriteBoolean("additionalProperties", false);
        }

        writer.WriteEndObject();
    }

    private static void WriteKeyword(string keyword, JsonElement value, bool closes, Utf8JsonWriter writer)
    {
        if (keyword is "properties" or "patternProperties" or "$defs" or "definitions" && value.ValueKind == JsonValueKind.Object)
        {
            writer.WriteStartObject();
            foreach (var property in value.EnumerateObject())
            {
                writer.WritePropertyName(property.Name);
                WriteSchema(property.Value, closes, isRoot: false, writer);
            }

            writer.WriteEndObject();
        }
        else if (keyword is "anyOf" or "oneOf" or "prefixItems" && value.ValueKind == JsonValueKind.Array)
        {
            writer.WriteStartArray();
            foreach (var part in value.EnumerateArray())
            {
                WriteSchema(part, closes, isRoot: false, writer);
            }

            writer.WriteEndArray();
        }
        else if (keyword is "items" or "additionalProperties")
        {
            WriteSchema(value, closes, isRoot: false, writer);
        }
        else
        {
            writer.WriteRawValue(value.GetRawText(), skipInputValidation: true); // const, enum and the like are data
        }
    }

    // By the letter such an object may have any further properties; weak models that may add some add them for ever.
    private static bool IsOpenWithoutNeed(JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object
            || schema.TryGetProperty("additionalProperties", out _) || schema.TryGetProperty("patternProperties", out _))
        {
            return false;
        }

        if (!schema.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var names = properties.EnumerateObject().Select(static property => property.Name).ToHashSet(StringComparer.Ordinal);
        return required.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String && names.Contains(name.GetString()!));
    }
}
