using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaReader
{
    private static readonly NumberRules _noNumberRules = new();
    private static readonly ArrayRules _noArrayRules = new();

    private static readonly string[] _objectKeywords =
        ["properties", "patternProperties", "additionalProperties", "propertyNames", "required", "dependentRequired", "dependencies", "minProperties", "maxProperties"];

    private static readonly string[] _inPlaceKeywords =
        ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

    private void Fail(JsonDatum place, string what) => Fault ??= $"\"{place.Path}\" {what}.";

    private JsonTypes ReadTypes(JsonDatum source)
    {
        var types = JsonTypes.None;
        if (source.Find("type") is { } type)
        {
            if (!type.IsString && (!type.IsArray || type.Items.Length == 0))
            {
                Fail(type, "must be the name of a type, or an array of such names");
            }

            foreach (var name in type.IsArray ? type.Items : [type])
            {
                types |= ReadType(name);
            }
        }

        return types;
    }

    private JsonTypes ReadType(JsonDatum name)
    {
        var type = name.Text switch
        {
            "string" => JsonTypes.String,
            "integer" => JsonTypes.Integer,
            "number" => JsonTypes.Number,
            "boolean" => JsonTypes.Boolean,
            "array" => JsonTypes.Array,
            "object" => JsonTypes.Object,
            "null" => JsonTypes.Null,
            _ => JsonTypes.None,
        };
        if (type == JsonTypes.None)
        {
            Fail(name, $"must be string, integer, number, boolean, array, object or null; it is {JsonDisplay.Show(name)}");
        }

        return type;
    }

    private JsonDatum? ReadNumber(JsonDatum source, string keyword, bool allowsBoolean = false)
    {
        if (source.Find(keyword) is not { } value || (allowsBoolean && value.Kind is JsonValueKind.True or JsonValueKind.False))
        {
            return null;
        }

        if (value.Number is null)
        {
            Fail(value, $"must be a number; it is {JsonDisplay.Show(value)}");
            return null;
        }

        return value;
    }

    private long? ReadCount(JsonDatum source, string keyword)
    {
        if (source.Find(keyword) is not { } value)
        {
            return null;
        }

        if (value.Number?.ToCount() is not { } count)
        {
            Fail(value, $"must be a whole number of 0 or more; it is {JsonDisplay.Show(value)}");
            return null;
        }

        return count;
    }

    private static bool IsTrue(JsonDatum source, string keyword) => source.Find(keyword) is { Kind: JsonValueKind.True };

    private bool ReadBoolean(JsonDatum source, string keyword)
    {
        if (source.Find(keyword) is { Kind: not (JsonValueKind.True or JsonValueKind.False) } value)
        {
            Fail(value, $"must be true or false; it is {JsonDisplay.Show(value)}");
        }

        return IsTrue(source, keyword);
    }

    private string[] ReadStrings(JsonDatum value)
    {
        if (!value.IsArray || !value.Items.All(static item => item.IsString))
        {
            Fail(value, "must be an array of property names");
        }

        return [.. value.Items.Select(static item => item.Text)];
    }

    private SchemaNode? ReadSchema(SchemaNode parent, string keyword) =>
        parent.Source.Find(keyword) is { } value ? ReadSchema(value, parent.Resource) : null;

    private SchemaNode[] ReadSchemas(SchemaNode parent, string keyword, bool mayBeEmpty)
    {
        if (parent.Source.Find(keyword) is not { } value)
        {
            return [];
        }

        if (!value.IsArray || (value.Items.Length == 0 && !mayBeEmpty))
        {
            Fail(value, "must be an array of schemas, with at least one");
        }

        return [.. value.Items.Select(item => ReadSchema(item, parent.Resource))];
    }

    private Dictionary<string, SchemaNode> ReadSchemaMap(SchemaNode parent, string keyword)
    {
        var schemas = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        if (parent.Source.Find(keyword) is not { } value)
        {
            return schemas;
        }

        if (!value.IsObject)
        {
            Fail(value, $"must be an object whose values are schemas; it is {JsonDisplay.Show(value)}");
        }

        foreach (var (name, item) in value.Names.Zip(value.Items))
        {
            schemas.Add(name, ReadSchema(item, parent.Resource));
        }

        return schemas;
    }

    // Until draft-07, "dependencies" had the names of "dependentRequired" and the schemas of "dependentSchemas".
    private Dictionary<string, SchemaNode> ReadDependentSchemas(SchemaNode parent)
    {
        var schemas = ReadSchemaMap(parent, "dependentSchemas");
        foreach (var (name, item) in Members(parent.Source, "dependencies"))
        {
            if (!item.IsArray)
            {
                schemas.TryAdd(name, ReadSchema(item, parent.Resource));
            }
        }

        return schemas;
    }

    private Dictionary<string, string[]> ReadDependentRequired(JsonDatum source)
    {
        var required = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, item) in Members(source, "dependencies").Where(static member => member.Value.IsArray).Concat(Members(source, "dependentRequired")))
        {
            required[name] = ReadStrings(item);
        }

        return required;
    }

    private IEnumerable<(string Name, JsonDatum Value)> Members(JsonDatum source, string keyword)
    {
        if (source.Find(keyword) is not { } value)
        {
            return [];
        }

        if (!value.IsObject)
        {
            Fail(value, $"must be an object; it is {JsonDisplay.Show(value)}");
        }

        return value.Names.Zip(value.Items);
    }
}
