namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Turns a schema as it was written into <see cref="SchemaNode"/>s, keyword by keyword, and stops at the first fault.</summary>
internal sealed partial class SchemaReader
{
    private const int MostSchemas = 10_000;

    private readonly Dictionary<JsonDatum, SchemaNode> _nodes = new(ReferenceEqualityComparer.Instance);
    private readonly SchemaReferences _references = new();
    private readonly bool _isLegacy;

    private SchemaReader(JsonDatum root)
    {
        // Until draft-07 nothing beside "$ref" counts.
        _isLegacy = root.Find("$schema") is { IsString: true } dialect
            && (dialect.Text.Contains("draft-07", StringComparison.Ordinal) || dialect.Text.Contains("draft-06", StringComparison.Ordinal) || dialect.Text.Contains("draft-04", StringComparison.Ordinal));
    }

    /// <summary>What is wrong, as a sentence; null so far.</summary>
    public string? Fault { get; private set; }

    /// <returns>The outermost schema, or a sentence that says what is wrong; never both.</returns>
    public static (SchemaNode? Schema, string? Fault) Read(JsonDatum root)
    {
        var reader = new SchemaReader(root);
        var resource = reader._references.CreateDocument();
        var schema = reader.ReadSchema(root, resource);
        resource.Root ??= schema;
        reader.ResolveReferences();
        if (reader.Fault is null && SchemaCircles.Find(reader._nodes.Values) is { } fault)
        {
            return (null, fault);
        }

        return reader.Fault is null ? (schema, null) : (null, reader.Fault);
    }

    private SchemaNode ReadSchema(JsonDatum source, SchemaResource resource)
    {
        if (_nodes.TryGetValue(source, out var known))
        {
            return known;
        }

        var node = new SchemaNode(source, resource);
        _nodes.Add(source, node);
        if (_nodes.Count > MostSchemas)
        {
            Fail(source, $"is one schema too many: no more than {MostSchemas} are allowed");
        }

        if (source.Kind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False)
        {
            node.Verdict = source.Kind is System.Text.Json.JsonValueKind.True;
        }
        else if (!source.IsObject)
        {
            Fail(source, $"must be a schema, which is an object, true or false; it is {JsonDisplay.Show(source)}");
        }
        else if (Fault is null)
        {
            ReadKeywords(node);
        }

        return node;
    }

    private void ReadKeywords(SchemaNode node)
    {
        var ignoresSiblings = _isLegacy && node.Source.Find("$ref") is not null;
        if (!ignoresSiblings)
        {
            ReadIdentity(node);
            ReadValueRules(node);
            node.Numbers = ReadNumberRules(node.Source);
            node.Strings = ReadStringRules(node.Source);
            node.Arrays = ReadArrayRules(node);
            node.Objects = ReadObjectRules(node);
            node.UnevaluatedItems = ReadSchema(node, "unevaluatedItems");
            node.UnevaluatedProperties = ReadSchema(node, "unevaluatedProperties");
            node.InPlace = ReadInPlaceRules(node);
        }

        ReadSchemaMap(node, "$defs");
        ReadSchemaMap(node, "definitions");
        ReadReferences(node);
    }

    private void ReadValueRules(SchemaNode node)
    {
        var source = node.Source;
        node.Title = source.Find("title") is { IsString: true } title ? title.Text : null;
        node.Const = source.Find("const");
        node.Types = ReadTypes(source);
        if (source.Find("enum") is { } values)
        {
            if (!values.IsArray)
            {
                Fail(values, "must be an array of the allowed values");
            }

            node.Enum = [.. values.Items];
        }
    }

    private NumberRules? ReadNumberRules(JsonDatum source)
    {
        var multipleOf = ReadNumber(source, "multipleOf");
        if (multipleOf?.Number is { } number && (number.IsNegative || number.Digits.Length == 0))
        {
            Fail(multipleOf, "must be a number above 0");
        }

        // Until draft-04, and in OpenAPI 3.0, "exclusiveMinimum": true made "minimum" exclusive.
        var (minimum, maximum) = (ReadNumber(source, "minimum"), ReadNumber(source, "maximum"));
        var (excludesMinimum, excludesMaximum) = (IsTrue(source, "exclusiveMinimum"), IsTrue(source, "exclusiveMaximum"));
        var rules = new NumberRules
        {
            MultipleOf = multipleOf,
            Minimum = excludesMinimum ? null : minimum,
            Maximum = excludesMaximum ? null : maximum,
            ExclusiveMinimum = excludesMinimum ? minimum : ReadNumber(source, "exclusiveMinimum", allowsBoolean: true),
            ExclusiveMaximum = excludesMaximum ? maximum : ReadNumber(source, "exclusiveMaximum", allowsBoolean: true),
        };
        return rules == _noNumberRules ? null : rules;
    }

    private StringRules? ReadStringRules(JsonDatum source)
    {
        var (least, most) = (ReadCount(source, "minLength"), ReadCount(source, "maxLength"));
        var pattern = source.Find("pattern") is { } text ? ReadPattern(text, text) : null;
        return least is null && most is null && pattern is null ? null : new StringRules(least ?? 0, most, pattern);
    }

    private ArrayRules? ReadArrayRules(SchemaNode node)
    {
        var source = node.Source;
        var isTuple = source.Find("items") is { IsArray: true }; // until 2019-09, "items" was also what "prefixItems" is
        var rules = new ArrayRules
        {
            Prefix = ReadSchemas(node, isTuple ? "items" : "prefixItems", mayBeEmpty: true),
            Rest = ReadSchema(node, isTuple ? "additionalItems" : "items"),
            Contains = ReadSchema(node, "contains"),
            MinContains = ReadCount(source, "minContains") ?? 1,
            MaxContains = ReadCount(source, "maxContains"),
            MinItems = ReadCount(source, "minItems") ?? 0,
            MaxItems = ReadCount(source, "maxItems"),
            UniqueItems = ReadBoolean(source, "uniqueItems"),
        };
        return rules with { Prefix = _noArrayRules.Prefix } == _noArrayRules && rules.Prefix.Length == 0 ? null : rules;
    }

    private ObjectRules? ReadObjectRules(SchemaNode node)
    {
        var source = node.Source;
        if (!_objectKeywords.Any(keyword => source.IndexOf(keyword) >= 0))
        {
            return null;
        }

        return new ObjectRules
        {
            Properties = ReadSchemaMap(node, "properties"),
            PatternProperties = [.. ReadSchemaMap(node, "patternProperties").Select(entry => (ReadPattern(entry.Value.Source, entry.Key), entry.Value))],
            Additional = ReadSchema(node, "additionalProperties"),
            Names = ReadSchema(node, "propertyNames"),
            Required = source.Find("required") is { } required ? ReadStrings(required) : [],
            DependentRequired = ReadDependentRequired(source),
            MinProperties = ReadCount(source, "minProperties") ?? 0,
            MaxProperties = ReadCount(source, "maxProperties"),
        };
    }

    private InPlaceRules? ReadInPlaceRules(SchemaNode node)
    {
        if (!_inPlaceKeywords.Any(keyword => node.Source.IndexOf(keyword) >= 0))
        {
            return null;
        }

        return new InPlaceRules
        {
            All = ReadSchemas(node, "allOf", mayBeEmpty: false),
            Any = ReadSchemas(node, "anyOf", mayBeEmpty: false),
            One = ReadSchemas(node, "oneOf", mayBeEmpty: false),
            Not = ReadSchema(node, "not"),
            If = ReadSchema(node, "if"),
            Then = ReadSchema(node, "then"),
            Else = ReadSchema(node, "else"),
            Dependent = ReadDependentSchemas(node),
        };
    }
}
