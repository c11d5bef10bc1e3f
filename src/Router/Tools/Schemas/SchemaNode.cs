namespace RouterGateway.Router.Tools.Schemas;

/// <summary>One schema or subschema; rules that it does not have are null. Written while it is read, and never after.</summary>
internal sealed class SchemaNode(JsonDatum source, SchemaResource resource)
{
    /// <summary>The schema as it was written.</summary>
    public JsonDatum Source { get; } = source;

    public SchemaResource Resource { get; set; } = resource;

    /// <summary>What the schemas true and false say of everything; null for the others.</summary>
    public bool? Verdict { get; set; }

    public string? Title { get; set; }

    /// <summary>The types that are allowed; <see cref="JsonTypes.None"/> when there is no such rule.</summary>
    public JsonTypes Types { get; set; }

    public JsonDatum? Const { get; set; }

    public HashSet<JsonDatum>? Enum { get; set; }

    public NumberRules? Numbers { get; set; }

    public StringRules? Strings { get; set; }

    public ArrayRules? Arrays { get; set; }

    public ObjectRules? Objects { get; set; }

    public InPlaceRules? InPlace { get; set; }

    /// <summary>For the parts of a value that nothing else speaks of; they are looked at last.</summary>
    public SchemaNode? UnevaluatedItems { get; set; }

    /// <inheritdoc cref="UnevaluatedItems"/>
    public SchemaNode? UnevaluatedProperties { get; set; }
}
