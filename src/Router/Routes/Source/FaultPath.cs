namespace RouterGateway.Router.Routes.Source;

/// <summary>Paths into the file, as in <c>routes[3].cluster</c> or <c>clusters["my.cluster"].model</c>.</summary>
internal static class FaultPath
{
    /// <summary>The path of a member.</summary>
    public static string Member(string path, string key)
    {
        // a capital letter is quoted too: FromProperty must be able to tell keys from properties
        var plain = key.Length > 0 && !char.IsAsciiLetterUpper(key[0]) && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');
        return plain ? (path.Length > 0 ? $"{path}.{key}" : key) : $"{path}[\"{Printable(key)}\"]";
    }

    /// <summary>The path of an item.</summary>
    public static string Item(string path, int index) => $"{path}[{index}]";

    /// <summary>The path one level up; null for the whole file.</summary>
    public static string? Parent(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        var cut = path.EndsWith("\"]", StringComparison.Ordinal) ? path.LastIndexOf("[\"", StringComparison.Ordinal) : path.LastIndexOfAny(['.', '[']);
        return cut <= 0 ? "" : path[..cut];
    }

    /// <summary>Turns the path of a property (<c>Timeouts.FirstToken</c>) into that of its key (<c>timeouts.firstToken</c>).</summary>
    public static string FromProperty(string propertyPath) => string.Create(propertyPath.Length, propertyPath, static (path, property) =>
    {
        var quoted = false;
        for (var i = 0; i < property.Length; i++)
        {
            quoted ^= property[i] == '"';
            path[i] = !quoted && (i == 0 || property[i - 1] == '.') ? char.ToLowerInvariant(property[i]) : property[i];
        }
    });

    /// <summary>Cuts a text from the file and replaces its control characters, so that it fits into a message.</summary>
    public static string Printable(string text)
    {
        var cut = text.Length > 60 ? text[..60] + "…" : text;
        return string.Concat(cut.Select(static c => char.IsControl(c) || char.IsSurrogate(c) || c == '"' ? '\uFFFD' : c));
    }
}
