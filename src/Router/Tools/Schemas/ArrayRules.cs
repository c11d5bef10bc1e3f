namespace RouterGateway.Router.Tools.Schemas;

/// <summary>What a schema asks of arrays; null where it asks nothing.</summary>
internal sealed record ArrayRules
{
    /// <summary>One schema for each of the first items.</summary>
    public SchemaNode[] Prefix { get; init; } = [];

    /// <summary>For the items after <see cref="Prefix"/>.</summary>
    public SchemaNode? Rest { get; init; }

    public SchemaNode? Contains { get; init; }

    public long MinContains { get; init; } = 1;

    public long? MaxContains { get; init; }

    public long MinItems { get; init; }

    public long? MaxItems { get; init; }

    public bool UniqueItems { get; init; }
}
