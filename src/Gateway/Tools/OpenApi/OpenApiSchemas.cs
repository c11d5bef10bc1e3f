using System.Collections.Frozen;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.OpenApi;

/// <summary>Writes schemas of a document as JSON Schema 2020-12 that stands by itself: what references name comes along in <c>$defs</c>.</summary>
/// <param name="references">The document.</param>
/// <param name="isVersion30">Whether schemas are those of OpenAPI 3.0: <c>nullable</c>, <c>exclusiveMinimum</c> as a flag, nothing beside <c>$ref</c>.</param>
/// <param name="root">The place that the schema as a whole is taken from, so that <c>#</c> stands for it; <c>null</c>: it is put together.</param>
/// <param name="json">Receives them.</param>
/// <param name="mostBytes">Most that may be written.</param>
internal sealed class OpenApiSchemas(OpenApiReferences references, bool isVersion30, string? root, Utf8JsonWriter json, int mostBytes)
{
    private const int Deepest = 64;

    // of OpenAPI 3.0 alone; models pay for each word
    private static readonly FrozenSet<string> _dropped30 = new[] { "nullable", "xml", "discriminator", "externalDocs", "example" }.ToFrozenSet();

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Queue<(string Reference, string Name)> _due = new();

    /// <summary>Why what was written is of no use, to be read behind the operation's name; <c>null</c>: it is good.</summary>
    public string? Fault { get; private set; }

    /// <summary>Writes the members of a whole schema and its <c>$defs</c> into an object that was begun.</summary>
    public void WriteRoot(JsonElement schema)
    {
        var definitions = schema.Member("$defs");
        _taken.UnionWith(definitions.Members().Select(static member => member.Name));
        WriteMembers(schema, depth: 1, except: "$defs");
        WriteDefinitions(definitions);
    }

    /// <summary>Writes a schema as a value.</summary>
    /// <param name="schema">The schema; undefined: anything goes.</param>
    /// <param name="description">Used when it has none.</param>
    /// <param name="depth">How deep it stands.</param>
    public void Write(JsonElement schema, string? description = null, int depth = 1)
    {
        Fault ??= depth > Deepest ? "has a schema that is too deep"
            : json.BytesCommitted + json.BytesPending > mostBytes ? $"has a schema of more than {mostBytes / 1024} KiB with all that it refers to"
            : schema.ValueKind is JsonValueKind.Object or JsonValueKind.Undefined or JsonValueKind.True or JsonValueKind.False ? null
            : "has a schema that is none";
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            schema.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        if (Fault is null)
        {
            WriteMembers(schema, depth, except: null);
            if (!string.IsNullOrEmpty(description) && !schema.Has("description"))
            {
                json.WriteString("description", description);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Writes <c>$defs</c>, when there are any, into an object that was begun; the last thing to write.</summary>
    /// <param name="own">Those that the schema has by itself.</param>
    public void WriteDefinitions(JsonElement own = default)
    {
        if (own.ValueKind != JsonValueKind.Object && _due.Count == 0)
        {
            return;
        }

        json.WriteStartObject("$defs");
        foreach (var definition in own.Members())
        {
            json.WritePropertyName(definition.Name);
            Write(definition.Value, depth: 2);
        }

        while (Fault is null && _due.TryDequeue(out var due))
        {
            references.TryFind(due.Reference, out var schema);
            json.WritePropertyName(due.Name);
            Write(schema, depth: 2);
        }

        json.WriteEndObject();
    }

    private void WriteMembers(JsonElement schema, int depth, string? except)
    {
        if (isVersion30 && schema.Has("$ref"))
        {
            WriteMember("$ref", schema.Member("$ref"), depth);
            return;
        }

        var isNullable = isVersion30 && schema.IsTrue("nullable") && schema.Has("type");
        foreach (var member in schema.Members())
        {
            if (member.Name == except || isVersion30 && (_dropped30.Contains(member.Name) || TryWriteBound(schema, member)))
            {
                continue;
            }

            if (isNullable && member.Name is "type" or "enum")
            {
                WriteNullable(member);
            }
            else
            {
                WriteMember(member.Name, member.Value, depth);
            }
        }
    }

    private void WriteMember(string name, JsonElement value, int depth)
    {
        json.WritePropertyName(name);
        if (name == "$ref" && value.ValueKind == JsonValueKind.String)
        {
            json.WriteStringValue(Rewrite(value.GetString()!));
        }
        else if (value.ValueKind == JsonValueKind.Array && SchemaKeywords.OfLists.Contains(name))
        {
            json.WriteStartArray();
            foreach (var item in value.EnumerateArray())
            {
                Write(item, depth: depth + 1);
            }

            json.WriteEndArray();
        }
        else if (value.ValueKind == JsonValueKind.Object && SchemaKeywords.OfMaps.Contains(name))
        {
            json.WriteStartObject();
            foreach (var member in value.EnumerateObject())
            {
                json.WritePropertyName(member.Name);
                Write(member.Value, depth: depth + 1);
            }

            json.WriteEndObject();
        }
        else if (SchemaKeywords.OfSchemas.Contains(name))
        {
            Write(value, depth: depth + 1);
        }
        else
        {
            value.WriteTo(json);
        }
    }

    private void WriteNullable(JsonProperty member)
    {
        json.WriteStartArray(member.Name);
        var items = member.Value.ValueKind == JsonValueKind.Array ? [.. member.Value.EnumerateArray()] : new[] { member.Value };
        foreach (var item in items)
        {
            item.WriteTo(json);
        }

        if (member.Name == "type" && !items.Any(static item => item.ValueKind == JsonValueKind.String && item.ValueEquals("null"u8)))
        {
            json.WriteStringValue("null");
        }
        else if (member.Name == "enum" && !items.Any(static item => item.ValueKind == JsonValueKind.Null))
        {
            json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    // "minimum": 1, "exclusiveMinimum": true is "exclusiveMinimum": 1 since 3.1
    private bool TryWriteBound(JsonElement schema, JsonProperty member)
    {
        switch (member.Name)
        {
            case "minimum" when schema.IsTrue("exclusiveMinimum"):
            case "maximum" when schema.IsTrue("exclusiveMaximum"):
                json.WritePropertyName(member.Name == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum");
                member.Value.WriteTo(json);
                return true;
            case "exclusiveMinimum" or "exclusiveMaximum":
                return member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False;
            default:
                return false;
        }
    }

    private string Rewrite(string reference)
    {
        if (root is not null && (reference == root || reference.StartsWith(root + "/", StringComparison.Ordinal)))
        {
            return "#" + reference[root.Length..];
        }

        if (!_names.TryGetValue(reference, out var name))
        {
            // followed to its end: a schema that only refers to itself is found here and not by whoever compiles it
            if (!references.TryFollow(reference, out _, out _, out var fault))
            {
                Fault ??= fault;
                return reference;
            }

            name = OpenApiNames.Unique(OpenApiNames.Fit(reference[(reference.LastIndexOf('/') + 1)..], "schema"), _taken);
            _names[reference] = name;
            _due.Enqueue((reference, name));
        }

        return "#/$defs/" + name;
    }
}
