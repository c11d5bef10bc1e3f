namespace RouterGateway.Router.Tools.Schemas;

/// <summary>The schemas that speak of the same value as the schema they stand in; null or empty where there are none.</summary>
internal sealed record InPlaceRules
{
    /// <summary>Where "$ref" leads; written once all schemas are read.</summary>
    public SchemaNode? Reference { get; set; }

    /// <summary>Where "$dynamicRef" leads when no outer schema says otherwise; written once all schemas are read.</summary>
    public SchemaNode? DynamicReference { get; set; }

    /// <summary>The anchor by which outer schemas can say otherwise; null when they cannot.</summary>
    public string? DynamicAnchor { get; set; }

    public SchemaNode[] All { get; init; } = [];

    public SchemaNode[] Any { get; init; } = [];

    public SchemaNode[] One { get; init; } = [];

    public SchemaNode? Not { get; init; }

    public SchemaNode? If { get; init; }

    public SchemaNode? Then { get; init; }

    public SchemaNode? Else { get; init; }

    /// <summary>The schemas that hold when the object has the key.</summary>
    public Dictionary<string, SchemaNode> Dependent { get; init; } = [];

    /// <summary>All of them.</summary>
    public IEnumerable<SchemaNode> Schemas() =>
        All.Concat(Any).Concat(One).Concat(Dependent.Values).Concat(new[] { Reference, DynamicReference, Not, If, Then, Else }.OfType<SchemaNode>());
}
