using System.Text.Json;

namespace RouterGateway.Inference.Tests.Guidance;

/// <summary>Checks values against the JSON Schemas of these tests, and knows no other keywords than theirs.</summary>
internal static class SchemaCheck
{
    private static readonly string[] _known =
        ["type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "enum", "const", "anyOf", "$ref", "$defs", "description"];

    public static bool Matches(JsonElement schema, JsonElement value, JsonElement root)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return schema.ValueKind == JsonValueKind.True;
        }

        Assert.All(schema.EnumerateObject(), static keyword => Assert.Contains(keyword.Name, _known));
        return MatchesType(schema, value)
            && (!schema.TryGetProperty("$ref", out var reference) || Matches(Resolve(reference.GetString()!, root), value, root))
            && (!schema.TryGetProperty("enum", out var values) || values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
            && (!schema.TryGetProperty("const", out var only) || JsonElement.DeepEquals(only, value))
            && (!schema.TryGetProperty("anyOf", out var options) || options.EnumerateArray().Any(option => Matches(option, value, root)))
            && value.ValueKind switch
            {
                JsonValueKind.Object => MatchesObject(schema, value, root),
                JsonValueKind.Array => IsWithin(schema, "minItems", "maxItems", value.GetArrayLength())
                    && (!schema.TryGetProperty("items", out var items) || value.EnumerateArray().All(item => Matches(items, item, root))),
                JsonValueKind.String => IsWithin(schema, "minLength", "maxLength", value.GetString()!.EnumerateRunes().Count()),
                JsonValueKind.Number => IsWithin(schema, "minimum", "maximum", value.GetDouble()),
                _ => true,
            };
    }

    private static bool MatchesObject(JsonElement schema, JsonElement value, JsonElement root)
    {
        if (schema.TryGetProperty("required", out var required) && !required.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)))
        {
            return false;
        }

        var properties = schema.TryGetProperty("properties", out var declared) ? declared : default;
        var others = schema.TryGetProperty("additionalProperties", out var additional) ? additional : default;
        return value.EnumerateObject().All(property =>
            properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out var own)
                ? Matches(own, property.Value, root)
                : others.ValueKind == JsonValueKind.Undefined || Matches(others, property.Value, root));
    }

    private static bool MatchesType(JsonElement schema, JsonElement value)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return true;
        }

        return (type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().ToArray() : [type]).Any(one => one.GetString() switch
        {
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "null" => value.ValueKind == JsonValueKind.Null,
            "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
            "number" => value.ValueKind == JsonValueKind.Number,
            var other => throw new InvalidOperationException(other),
        });
    }

    private static bool IsWithin(JsonElement schema, string least, string most, double value) =>
        (!schema.TryGetProperty(least, out var minimum) || value >= minimum.GetDouble()) && (!schema.TryGetProperty(most, out var maximum) || value <= maximum.GetDouble());

    private static JsonElement Resolve(string pointer, JsonElement root) =>
        pointer.Split('/').Skip(1).Aggregate(root, static (element, part) => element.GetProperty(part));
}
