namespace RouterGateway.Router.Tools.Schemas;

/// <summary>The resources that were entered on the way to a schema, which is where "$dynamicRef" looks.</summary>
internal sealed class CheckScope
{
    private readonly CheckScope? _outer;
    private readonly SchemaResource _resource;

    private CheckScope(SchemaResource resource, CheckScope? outer) => (_resource, _outer) = (resource, outer);

    public static CheckScope Enter(SchemaResource resource, CheckScope? outer) =>
        outer is not null && outer._resource == resource ? outer : new CheckScope(resource, outer);

    /// <returns>The schema that the outermost resource with such an anchor gives it; null when none has it.</returns>
    public SchemaNode? Find(string dynamicAnchor)
    {
        SchemaNode? found = null;
        for (var scope = this; scope is not null; scope = scope._outer)
        {
            found = scope._resource.DynamicAnchors.GetValueOrDefault(dynamicAnchor) ?? found;
        }

        return found;
    }
}
