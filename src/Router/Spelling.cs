namespace RouterGateway.Router;

/// <summary>Guesses what somebody meant to write.</summary>
public static class Spelling
{
    /// <summary>Returns the nearest candidate; null when none is near.</summary>
    public static string? Nearest(string written, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(written);
        var best = candidates
            .Select(candidate => (candidate, distance: Distance(written.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .OrderBy(static c => c.distance).ThenBy(static c => c.candidate, StringComparer.Ordinal)
            .FirstOrDefault((candidate: "", distance: int.MaxValue));
        return best.distance <= Math.Max(1, Math.Min(written.Length, best.candidate.Length) / 3) ? best.candidate : null;
    }

    /// <summary>Returns <c>; did you mean "x"?</c>, or the candidates when they are few, or nothing.</summary>
    public static string Hint(string written, IReadOnlyCollection<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        if (Nearest(written, candidates) is { } nearest)
        {
            return $"; did you mean \"{nearest}\"?";
        }

        return candidates.Count is > 0 and <= 12 ? $"; there is {string.Join(", ", candidates.Select(static c => $"\"{c}\""))}" : "";
    }

    // Edits between two words: insert, delete, replace, swap neighbours.
    private static int Distance(string a, string b)
    {
        if (Math.Max(a.Length, b.Length) > 64)
        {
            return a == b ? 0 : int.MaxValue;
        }

        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                var replaced = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, replaced);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
