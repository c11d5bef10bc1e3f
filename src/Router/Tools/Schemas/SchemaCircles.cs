namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Finds references that would go round for ever on one and the same value.</summary>
internal static class SchemaCircles
{
    /// <summary>Longer chains of schemas for one value are refused; each link is a frame of the stack when a document is checked.</summary>
    private const int LongestChain = 128;

    /// <returns>What is wrong, as a sentence; null when nothing is.</returns>
    public static string? Find(IEnumerable<SchemaNode> schemas)
    {
        var heights = new Dictionary<SchemaNode, int>(); // 0 while a schema is on the path that led here
        foreach (var schema in schemas)
        {
            if (Visit(schema, heights, 0) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? Visit(SchemaNode schema, Dictionary<SchemaNode, int> heights, int above)
    {
        if (heights.TryGetValue(schema, out var known))
        {
            if (known == 0)
            {
                return $"\"{schema.Source.Path}\" leads back to itself without going into a property or an item; break the circle of references.";
            }

            return above + known > LongestChain ? TooLong(schema) : null;
        }

        if (above >= LongestChain)
        {
            return TooLong(schema);
        }

        heights.Add(schema, 0);
        var height = 1;
        foreach (var next in schema.InPlace?.Schemas() ?? [])
        {
            if (Visit(next, heights, above + 1) is { } fault)
            {
                return fault;
            }

            height = Math.Max(height, 1 + heights[next]);
        }

        heights[schema] = height;
        return null;
    }

    private static string TooLong(SchemaNode schema) =>
        $"\"{schema.Source.Path}\" is in a chain of more than {LongestChain} schemas for one value; shorten the chain of references.";
}
