using RouterGateway.Router;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Names under which the tools of a server are offered: <c>ID__TOOL</c>, made to fit what models take.</summary>
internal static class McpToolNames
{
    private const int HashDigits = 8;

    /// <summary>Names tools. The same set of tools has the same names, whatever their order.</summary>
    /// <param name="serverId">Begins each name.</param>
    /// <param name="ownNames">Their names at the server, each once.</param>
    /// <returns>Offered name by own name.</returns>
    public static Dictionary<string, string> Of(string serverId, IReadOnlyCollection<string> ownNames)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var same in ownNames.GroupBy(own => Fit($"{serverId}__{own}"), StringComparer.Ordinal).OrderBy(static group => group.Count()).ThenBy(static group => group.Key, StringComparer.Ordinal))
        {
            foreach (var own in same.Order(StringComparer.Ordinal))
            {
                var full = $"{serverId}__{own}";
                var isPlain = same.Count() == 1 || full == same.Key; // who needed no change keeps its name
                names[own] = isPlain && taken.Add(same.Key) ? same.Key : Hashed(full, taken);
            }
        }

        return names;
    }

    /// <summary>The name of a tool whose name nobody else of the server has once it is made to fit.</summary>
    public static string Qualify(string serverId, string ownName) => Fit($"{serverId}__{ownName}");

    private static string Fit(string full)
    {
        var name = Clean(full);
        return name.Length <= ToolDefinition.LongestName ? name : WithHash(name, full, HashDigits);
    }

    private static string Hashed(string full, HashSet<string> taken)
    {
        for (var digits = HashDigits; ; digits += 2)
        {
            if (WithHash(Clean(full), full, digits) is var name && taken.Add(name))
            {
                return name;
            }
        }
    }

    private static string WithHash(string name, string full, int digits) =>
        $"{name[..Math.Min(name.Length, ToolDefinition.LongestName - digits - 1)]}_{Digest.Of(full).ToString()[..digits]}";

    private static string Clean(string name) =>
        string.Create(name.Length, name, static (clean, name) =>
        {
            for (var i = 0; i < name.Length; i++)
            {
                clean[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '-' ? name[i] : '_';
            }
        });
}
