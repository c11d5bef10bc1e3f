namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What a schema asks of objects; null where it asks nothing.</summary>
internal sealed record ObjectRules
{
    public Dictionary<string, SchemaNode> Properties { get; init; } = [];

    public List<(SchemaPattern Pattern, SchemaNode Schema)> PatternProperties { get; init; } = [];

    /// <summary>For the properties that neither <see cref="Properties"/> nor <see cref="PatternProperties"/> speak of.</summary>
    public SchemaNode? Additional { get; init; }

    public SchemaNode? Names { get; init; }

    public string[] Required { get; init; } = [];

    /// <summary>The names that must be there when the key is.</summary>
    public Dictionary<string, string[]> DependentRequired { get; init; } = [];

    public long MinProperties { get; init; }

    public long? MaxProperties { get; init; }
}
