using System.Collections.Frozen;
using System.Collections.Immutable;
using RouterGateway.Router;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>What one owner sees of a catalog: every name once, in the order of names.</summary>
internal sealed class ToolView
{
    private readonly FrozenDictionary<string, RegisteredTool> _byName;

    private ToolView(ImmutableArray<RegisteredTool> tools)
    {
        Tools = tools;
        _byName = tools.ToFrozenDictionary(static tool => tool.Name, StringComparer.Ordinal);
    }

    public ImmutableArray<RegisteredTool> Tools { get; }

    public RegisteredTool? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Own tools keep their names, then those of the file, of MCP servers, and of others in the order in which they were first registered; whose
    /// name is taken by then gets a suffix that depends on its owner alone. So names stay what they are when others come, and nobody takes over a name in use.</summary>
    public static ToolView Create(string owner, ImmutableArray<RegisteredTool> tools)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var seen = tools.Where(tool => tool.IsVisibleTo(owner))
            .OrderBy(tool => tool.Owner == owner ? 0 : tool.Source switch { ToolSource.File => 1, ToolSource.McpServer => 2, _ => 3 })
            .ThenBy(static tool => tool.Since)
            .ThenBy(static tool => tool.Owner, StringComparer.Ordinal)
            .ThenBy(static tool => tool.Name, StringComparer.Ordinal)
            .Select(tool => taken.Add(tool.Name) ? tool : Rename(tool, taken))
            .ToArray();
        return new ToolView([.. seen.OrderBy(static tool => tool.Name, StringComparer.Ordinal)]);
    }

    private static RegisteredTool Rename(RegisteredTool tool, HashSet<string> taken)
    {
        var suffix = Digest.Of(tool.Owner).ToString();
        for (var digits = 6; ; digits += 2)
        {
            var name = $"{tool.Name[..Math.Min(tool.Name.Length, ToolDefinition.LongestName - digits - 1)]}_{suffix[..digits]}";
            if (taken.Add(name))
            {
                return tool.Renamed(name);
            }
        }
    }
}
