using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace RouterGateway.Inference.Guidance;

internal sealed partial class ArgumentRules
{
    private static readonly SearchValues<char> _marks = SearchValues.Create("{}[]:,<>|\"'");

    // Keys are sorted as the chat template sorts them, and each is written once: an object is a chain of the keys that may follow.
    private string WriteObject(JsonElement schema)
    {
        var properties = schema.TryGetProperty("properties", out var declared) && declared.ValueKind == JsonValueKind.Object
            ? declared.EnumerateObject().ToDictionary(static property => property.Name, static property => property.Value, StringComparer.Ordinal)
            : [];
        var required = schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Where(static name => name.ValueKind == JsonValueKind.String).Select(static name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
            : [];
        foreach (var name in required)
        {
            properties.TryAdd(name, default);
        }

        if (required.FirstOrDefault(static name => !IsKey(name)) is { } odd)
        {
            throw new GuidanceException($"the required property \"{odd}\" cannot be written as a key");
        }

        var keys = properties.Keys.Where(IsKey).Order(StringComparer.OrdinalIgnoreCase).ThenBy(static key => key, StringComparer.Ordinal).ToArray();
        return keys.Length == 0 ? WriteMap(schema) : WriteKeys(keys, properties, required);
    }

    private string WriteMap(JsonElement schema)
    {
        if (!schema.TryGetProperty("additionalProperties", out var values) || values.ValueKind is not (JsonValueKind.False or JsonValueKind.Object))
        {
            return AnyMap;
        }

        if (values.ValueKind == JsonValueKind.False)
        {
            return "\"{}\"";
        }

        var pair = $"KEY \":\" {WriteValue(values)}";
        var name = Name();
        Add(name, $"\"{{\" \"}}\" | \"{{\" {pair} (\",\" {pair})* \"}}\"");
        return name;
    }

    private string WriteKeys(string[] keys, Dictionary<string, JsonElement> properties, HashSet<string> required)
    {
        var name = Name();
        var pairs = keys.Select(key => $"{LarkText.Quote(key + ":")} {WriteValue(properties[key])}").ToArray();

        // rule i: what may follow once a key is there, from key i on
        string Rest(int i) => i == keys.Length ? "" : string.Create(CultureInfo.InvariantCulture, $"{name}r{i}");
        for (var i = 1; i < keys.Length; i++)
        {
            Add(Rest(i), $"(\",\" {pairs[i]}){(required.Contains(keys[i]) ? "" : "?")} {Rest(i + 1)}");
        }

        var firstRequired = Array.FindIndex(keys, required.Contains);
        var firsts = Enumerable.Range(0, firstRequired < 0 ? keys.Length : firstRequired + 1).Select(i => $"\"{{\" {pairs[i]} {Rest(i + 1)} \"}}\"");
        Add(name, string.Join(" | ", firstRequired < 0 ? firsts.Append("\"{\" \"}\"") : firsts));
        return name;
    }

    private string WriteChoice(JsonElement values)
    {
        var options = new List<string>();
        var texts = new List<string>();
        foreach (var value in values.EnumerateArray())
        {
            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
            {
                texts.Add(LarkText.Quote(text));
            }
            else
            {
                options.Add(Literal(value));
            }
        }

        if (texts.Count > 0)
        {
            var name = Name().ToUpperInvariant(); // one terminal: hundreds of values cost no more than one
            Add(name, string.Join(" | ", texts));
            options.Add($"quote {name} quote");
        }

        return Either(options);
    }

    private static string Literal(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? $"(quote {LarkText.Quote(text)} quote)" : "(quote quote)",
        JsonValueKind.Array => $"(\"[\" {string.Join(" \",\" ", value.EnumerateArray().Select(Literal))} \"]\")",
        JsonValueKind.Object when value.EnumerateObject().All(static property => IsKey(property.Name)) =>
            $"(\"{{\" {string.Join(" \",\" ", Sorted(value).Select(static property => $"{LarkText.Quote(property.Name + ":")} {Literal(property.Value)}"))} \"}}\")",
        JsonValueKind.Object => AnyMap,
        _ => LarkText.Quote(value.GetRawText()),
    };

    private static IEnumerable<JsonProperty> Sorted(JsonElement value) =>
        value.EnumerateObject().OrderBy(static property => property.Name, StringComparer.OrdinalIgnoreCase).ThenBy(static property => property.Name, StringComparer.Ordinal);

    // What ends a key or begins a value cannot be in one.
    private static bool IsKey(string name) =>
        name.Length is > 0 and <= 128 && !name.AsSpan().ContainsAny(_marks) && !name.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c));
}
