using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Guidance;

/// <summary>Writes the rules of a tool's arguments, from its JSON Schema into Lark.</summary>
/// <remarks>What cannot be said becomes "any value", so that an answer may break such a part of the schema.</remarks>
/// <param name="root">The schema; a JSON object.</param>
/// <param name="prefix">What the names of the rules begin with, in lower case.</param>
/// <param name="rules">Receives the rules, a line each.</param>
/// <param name="ruleCount">How many there are of other tools.</param>
internal sealed partial class ArgumentRules(JsonElement root, string prefix, StringBuilder rules, int ruleCount)
{
    private const string AnyValue = "value";
    private const string AnyMap = "map";
    private const int MostItems = 1000; // more would make the grammar itself too large
    private const int MostReferences = 256;
    private const int MostRules = 20_000; // of all tools together: references can multiply what a schema says

    private readonly Dictionary<string, string> _references = []; // rule by pointer
    private readonly Queue<(string Name, JsonElement Target)> _unwritten = []; // not by recursion: references of references would take any stack
    private int _names;

    /// <summary>How many rules there are, with those of other tools.</summary>
    public int RuleCount { get; private set; } = ruleCount;

    /// <summary>Writes all rules.</summary>
    /// <returns>What stands for the arguments, braces included.</returns>
    /// <exception cref="GuidanceException">The schema cannot be followed, or takes too many rules.</exception>
    public string WriteRoot()
    {
        var arguments = IsObject(root) ? WriteObject(root) : WriteReferenceTo(root) ?? AnyMap;
        while (_unwritten.TryDequeue(out var reference))
        {
            Add(reference.Name, WriteValue(reference.Target));
        }

        return arguments;
    }

    private static bool IsObject(JsonElement schema) =>
        schema.TryGetProperty("type", out var type) ? type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8) : schema.TryGetProperty("properties", out _);

    // The root of arguments is a map, whatever else its schema says.
    private string? WriteReferenceTo(JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference) && TryResolve(reference, out var target) && IsObject(target) ? WriteObject(target) : null;

    private string WriteValue(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return AnyValue; // true, false, or no schema
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return WriteReference(reference);
        }

        if (schema.TryGetProperty("const", out var only))
        {
            return Literal(only);
        }

        if (schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0)
        {
            return WriteChoice(values);
        }

        if (!schema.TryGetProperty("type", out var type))
        {
            return WriteUntyped(schema);
        }

        return type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0
            ? Either(type.EnumerateArray().Select(TypeName).Distinct().Select(one => WriteTyped(schema, one)))
            : WriteTyped(schema, TypeName(type));
    }

    private string WriteUntyped(JsonElement schema)
    {
        if (schema.TryGetProperty("properties", out _))
        {
            return WriteObject(schema);
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(keyword, out var options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0)
            {
                return Either(options.EnumerateArray().Select(WriteValue));
            }
        }

        return schema.TryGetProperty("allOf", out var parts) && parts.ValueKind == JsonValueKind.Array && parts.GetArrayLength() == 1
            ? WriteValue(parts[0])
            : AnyValue;
    }

    private static string? TypeName(JsonElement type) => type.ValueKind == JsonValueKind.String ? type.GetString() : null;

    private string WriteTyped(JsonElement schema, string? type) => type switch
    {
        null => AnyValue,
        "string" => WriteString(schema),
        "integer" => WriteNumber(schema, "INTEGER"),
        "number" => WriteNumber(schema, "NUMBER"),
        "boolean" => "(\"true\" | \"false\")",
        "null" => "\"null\"",
        "array" => WriteArray(schema),
        "object" => WriteObject(schema),
        _ => throw new GuidanceException($"\"{type}\" is not a type"),
    };

    private string WriteString(JsonElement schema)
    {
        var least = ReadCount(schema, "minLength", 0);
        var most = ReadCount(schema, "maxLength", int.MaxValue);
        if (least == 0 && most == int.MaxValue)
        {
            return "str";
        }

        if (most < Math.Max(1, least))
        {
            return least == 0 ? "(quote quote)" : throw new GuidanceException("minLength is more than maxLength");
        }

        var text = Name().ToUpperInvariant();
        var upper = most == int.MaxValue ? "" : most.ToString(CultureInfo.InvariantCulture);
        Add(text, $"/(?s:.{{{Math.Max(1, least)},{upper}}})/");
        return $"(quote {text}{(least == 0 ? "?" : "")} quote)";
    }

    // A number reads the same in JSON: its bounds are left to the part of the library that knows them.
    private string WriteNumber(JsonElement schema, string terminal)
    {
        var bounds = new List<string>();
        foreach (var keyword in (ReadOnlySpan<string>)["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])
        {
            if (schema.TryGetProperty(keyword, out var bound) && bound.ValueKind == JsonValueKind.Number)
            {
                bounds.Add($"\"{keyword}\":{bound.GetRawText()}");
            }
        }

        if (bounds.Count == 0)
        {
            return terminal;
        }

        var type = terminal == "INTEGER" ? "integer" : "number";
        var name = Name();
        Add(name, $$"""%json {"x-guidance":{"whitespace_flexible":false},"type":"{{type}}",{{string.Join(',', bounds)}}}""");
        return name;
    }

    private string WriteArray(JsonElement schema)
    {
        var item = schema.TryGetProperty("items", out var items) ? WriteValue(items) : AnyValue;
        var least = Math.Min(ReadCount(schema, "minItems", 0), MostItems);
        var most = ReadCount(schema, "maxItems", int.MaxValue);
        if (most < least)
        {
            throw new GuidanceException("minItems is more than maxItems");
        }

        if (most == 0)
        {
            return "\"[]\"";
        }

        var name = Name();
        var further = $"{Math.Max(0, least - 1)},{(most > MostItems ? "" : (most - 1).ToString(CultureInfo.InvariantCulture))}";
        var filled = most == 1 ? $"\"[\" {item} \"]\"" : $"\"[\" {item} (\",\" {item}){{{further}}} \"]\"";
        Add(name, $"{(least == 0 ? "\"[\" \"]\" | " : "")}{filled}");
        return name;
    }

    private string WriteReference(JsonElement reference)
    {
        if (!TryResolve(reference, out var target))
        {
            return AnyValue;
        }

        var pointer = reference.GetString()!;
        if (!_references.TryGetValue(pointer, out var name))
        {
            if (_references.Count == MostReferences)
            {
                throw new GuidanceException($"it has more than {MostReferences} references");
            }

            name = Name();
            _references.Add(pointer, name);
            _unwritten.Enqueue((name, target));
        }

        return name;
    }

    private bool TryResolve(JsonElement reference, out JsonElement target)
    {
        target = root;
        if (reference.ValueKind != JsonValueKind.String || reference.GetString() is not ['#', .. var pointer] || pointer is not ("" or ['/', ..]))
        {
            return false;
        }

        foreach (var part in pointer.Split('/').Skip(1))
        {
            var key = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (target.ValueKind != JsonValueKind.Object || !target.TryGetProperty(key, out target))
            {
                return false;
            }
        }

        return target.ValueKind == JsonValueKind.Object;
    }

    private static int ReadCount(JsonElement schema, string keyword, int absent)
    {
        if (!schema.TryGetProperty(keyword, out var count))
        {
            return absent;
        }

        return count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var value) && value >= 0
            ? value
            : throw new GuidanceException($"\"{keyword}\" is not a number of 0 to {int.MaxValue}");
    }

    private static string Either(IEnumerable<string> options) => $"({string.Join(" | ", options.Distinct())})";

    private void Add(string name, string body)
    {
        if (RuleCount++ == MostRules)
        {
            throw new GuidanceException($"the tools take more than {MostRules} rules together");
        }

        rules.Append(name).Append(": ").AppendLine(body);
    }

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"{prefix}x{_names++}");
}
