namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Says of a property that is not known which one may have been meant.</summary>
internal static class KnownNames
{
    private const int MostNames = 64;
    private const int LongestName = 40;
    private const int MostLevels = 4;

    public static string Explain(SchemaNode schema, JsonDatum member)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(schema, names, 0);
        var free = names.Where(name => member.Parent!.IndexOf(name) < 0).ToList(); // a member stands in an object
        var meant = free.Where(name => IsNear(name, member.Key)).MinBy(name => Distance(name, member.Key));
        if (meant is not null)
        {
            return $"is not known here; did you mean {JsonDisplay.Quote(meant)}?";
        }

        return free.Count == 0
            ? "is not known here; leave it out"
            : $"is not known here; leave it out, or use {JsonDisplay.List(free.Select(JsonDisplay.Quote), 8)}";
    }

    private static void Collect(SchemaNode schema, HashSet<string> names, int level)
    {
        names.UnionWith((schema.Objects?.Properties.Keys ?? Enumerable.Empty<string>()).Take(MostNames - names.Count));
        if (level < MostLevels && names.Count < MostNames)
        {
            foreach (var part in (schema.InPlace?.Schemas() ?? []).Take(MostLevels))
            {
                Collect(part, names, level + 1);
            }
        }
    }

    private static bool IsNear(string known, string name) =>
        name.Length is > 0 and <= LongestName && known.Length <= LongestName && Distance(known, name) <= 1 + (Math.Max(known.Length, name.Length) / 4);

    /// <summary>How many characters must be put in, left out, changed or swapped, where case and separators do not count.</summary>
    private static int Distance(string left, string right)
    {
        var (a, b) = (Fold(left), Fold(right));
        var (older, old, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], old[j]) + 1, old[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], older[j - 2] + 1);
                }
            }

            (older, old, row) = (old, row, older);
        }

        return old[b.Length];
    }

    private static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
