namespace RouterGateway.Router.Tools.Schemas;

/// <summary>A schema with an address of its own ("$id"), within which anchors are looked up.</summary>
internal sealed class SchemaResource(Uri address)
{
    public Uri Address { get; } = address;

    /// <summary>Its outermost schema; null until that is read.</summary>
    public SchemaNode? Root { get; set; }

    public Dictionary<string, SchemaNode> Anchors { get; } = new(StringComparer.Ordinal);

    /// <summary>The part of <see cref="Anchors"/> that "$dynamicRef" may find from elsewhere.</summary>
    public Dictionary<string, SchemaNode> DynamicAnchors { get; } = new(StringComparer.Ordinal);
}
