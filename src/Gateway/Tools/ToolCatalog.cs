using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace RouterGateway.Gateway.Tools;

/// <summary>All tools at one moment: immutable, swapped whole by <see cref="ToolRegistry"/>.</summary>
internal sealed class ToolCatalog(ImmutableArray<RegisteredTool> tools)
{
    private const int MostViews = 10_000; // of keys without tools of their own there can be any number

    private readonly ConcurrentDictionary<string, ToolView> _views = new(StringComparer.Ordinal);
    private readonly HashSet<string> _owners = [.. tools.Where(static tool => tool.Source == ToolSource.Caller).Select(static tool => tool.Owner)];

    public static ToolCatalog Empty { get; } = new([]);

    /// <summary>Every tool of every owner, in no particular order.</summary>
    public ImmutableArray<RegisteredTool> Tools { get; } = tools;

    /// <summary>The tools that callers of an owner see.</summary>
    public ToolView For(string owner)
    {
        var viewer = _owners.Contains(owner) ? owner : "\0"; // all who registered nothing see the same
        return _views.TryGetValue(viewer, out var view) ? view
            : _views.Count < MostViews ? _views.GetOrAdd(viewer, static (viewer, tools) => ToolView.Create(viewer, tools), Tools)
            : ToolView.Create(viewer, Tools);
    }
}
