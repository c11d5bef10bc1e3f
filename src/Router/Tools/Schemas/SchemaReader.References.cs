namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class SchemaReader
{
    private readonly Queue<(SchemaNode Node, JsonDatum Reference, bool IsDynamic)> _pending = [];

    // A schema's own address and names. They are known before any reference is followed, since references may lead ahead.
    private void ReadIdentity(SchemaNode node)
    {
        var id = ReadText(node.Source, "$id");
        if (id is { Text: ['#', _, ..] }) // how anchors were written until draft-07
        {
            node.Resource.Anchors.TryAdd(id.Text[1..], node);
        }
        else if (id is not null)
        {
            EnterResource(node, id);
        }

        node.Resource.Root ??= node;
        if (ReadText(node.Source, "$anchor") is { } anchor)
        {
            node.Resource.Anchors.TryAdd(anchor.Text, node);
        }

        if (ReadText(node.Source, "$dynamicAnchor") is { } dynamicAnchor)
        {
            node.Resource.Anchors.TryAdd(dynamicAnchor.Text, node);
            node.Resource.DynamicAnchors.TryAdd(dynamicAnchor.Text, node);
        }

        if (IsTrue(node.Source, "$recursiveAnchor")) // 2019-09's, which had no names
        {
            node.Resource.DynamicAnchors.TryAdd("", node);
        }
    }

    private void EnterResource(SchemaNode node, JsonDatum id)
    {
        if (_references.Enter(node.Resource.Address, id.Text) is { } resource)
        {
            node.Resource = resource;
        }
        else
        {
            Fail(id, $"must be an address; it is {JsonDisplay.Show(id)}");
        }
    }

    private void ReadReferences(SchemaNode node)
    {
        // "$recursiveRef" is 2019-09's; it can only say "#".
        foreach (var (keyword, isDynamic) in new[] { ("$ref", false), ("$recursiveRef", true), ("$dynamicRef", true) })
        {
            if (ReadText(node.Source, keyword) is { } reference)
            {
                _pending.Enqueue((node, reference, isDynamic));
            }
        }
    }

    private JsonDatum? ReadText(JsonDatum source, string keyword)
    {
        if (source.Find(keyword) is not { } value)
        {
            return null;
        }

        if (!value.IsString)
        {
            Fail(value, $"must be a string; it is {JsonDisplay.Show(value)}");
            return null;
        }

        return value;
    }

    // Following one may lead to a part that was not read as a schema before, with references of its own.
    private void ResolveReferences()
    {
        while (Fault is null && _pending.TryDequeue(out var pending))
        {
            var (node, reference, isDynamic) = pending;
            var rules = node.InPlace ??= new InPlaceRules();
            var target = Resolve(node, reference);
            if (!isDynamic)
            {
                rules.Reference = target;
                continue;
            }

            rules.DynamicReference = target;
            var anchor = SchemaReferences.Split(reference.Text).Fragment;
            rules.DynamicAnchor = target is not null && target.Resource.DynamicAnchors.GetValueOrDefault(anchor) == target ? anchor : null;
        }
    }

    private SchemaNode? Resolve(SchemaNode node, JsonDatum reference)
    {
        var (address, fragment) = SchemaReferences.Split(reference.Text);
        if (_references.Find(node.Resource, address) is not { Root: { } root } resource)
        {
            Fail(reference, $"leads to {JsonDisplay.Show(reference)}, which is not in this schema; copy it under \"$defs\" and refer to it there, because nothing is fetched");
            return null;
        }

        if (fragment.Length == 0)
        {
            return root;
        }

        if (fragment[0] != '/')
        {
            if (!resource.Anchors.TryGetValue(fragment, out var anchored))
            {
                Fail(reference, $"leads to the anchor {JsonDisplay.Quote(fragment)}, which nothing in this schema has; add it or correct the name");
            }

            return anchored;
        }

        if (SchemaReferences.Follow(root.Source, fragment) is not { } target)
        {
            Fail(reference, $"leads nowhere: there is no {JsonDisplay.Quote(fragment)} in this schema; add it or correct the path");
            return null;
        }

        return ReadSchema(target, ResourceOf(target) ?? resource);
    }

    private SchemaResource? ResourceOf(JsonDatum source)
    {
        for (var at = source; at is not null; at = at.Parent)
        {
            if (_nodes.TryGetValue(at, out var node))
            {
                return node.Resource;
            }
        }

        return null;
    }
}
