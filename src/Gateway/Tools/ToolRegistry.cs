using System.Collections.Immutable;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>All tools: those that callers register, for as long as their lease, those of <c>routes.json</c>, and those of its MCP servers.</summary>
/// <remarks>Writers take a lock and swap the <see cref="Current"/> catalog whole; readers take none.</remarks>
internal sealed class ToolRegistry
{
    private const string FileOwner = "routes.json";

    private readonly RouteTableMonitor _monitor;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Owner, string Name), Registration> _registered = [];
    private readonly SortedDictionary<string, ImmutableArray<RegisteredTool>> _ofServers = new(StringComparer.Ordinal);
    private ImmutableArray<RegisteredTool> _declared = [];
    private ImmutableArray<ToolDefinition> _declaredFrom = [];
    private volatile ToolCatalog _current = ToolCatalog.Empty;

    public ToolRegistry(RouteTableMonitor monitor, TimeProvider timeProvider)
    {
        (_monitor, _timeProvider) = (monitor, timeProvider);
        Microsoft.Extensions.Primitives.ChangeToken.OnChange(monitor.GetChangeToken, ReadFile);
        ReadFile();
    }

    /// <summary>Raised after <see cref="Current"/> changed; handlers are short and may see a newer one.</summary>
    public event Action? Changed;

    public ToolCatalog Current => _current;

    /// <summary>Registers tools or renews them; an equal definition keeps its version.</summary>
    /// <returns>The tools as they are now, in the order given; <c>null</c> when the owner would have more than it may.</returns>
    public IReadOnlyList<Registration>? Register(string owner, IReadOnlyList<ToolDefinition> definitions)
    {
        var settings = _monitor.Current.Tools;
        var now = _timeProvider.GetUtcNow();
        lock (_lock)
        {
            var names = _registered.Keys.Where(key => key.Owner == owner).Select(static key => key.Name).ToHashSet(StringComparer.Ordinal);
            names.UnionWith(definitions.Select(static definition => definition.Name));
            if (names.Count > settings.MaxToolsPerKey)
            {
                return null;
            }

            var registered = new List<Registration>(definitions.Count);
            foreach (var definition in definitions)
            {
                var key = (owner, definition.Name);
                var tool = new RegisteredTool(definition, owner, ToolSource.Caller);
                if (_registered.TryGetValue(key, out var before))
                {
                    tool = before.Tool.Hash == tool.Hash ? before.Tool : new RegisteredTool(definition, owner, ToolSource.Caller, before.Tool.Version + 1);
                }

                var registration = new Registration(tool, now + (definition.LeaseTtl ?? settings.LeaseTtl));
                _registered[key] = registration;
                registered.Add(registration);
            }

            Publish();
            return registered;
        }
    }

    /// <summary>Takes the tools that a server offers in place of those before; an empty list when it is gone.</summary>
    /// <param name="serverId">Id in <c>tools.mcpServers</c>.</param>
    /// <param name="tools">Their names begin with the server's id and are unique.</param>
    public void SetServerTools(string serverId, IReadOnlyList<ToolDefinition> tools)
    {
        lock (_lock)
        {
            if (tools.Count == 0)
            {
                _ofServers.Remove(serverId);
            }
            else
            {
                _ofServers[serverId] = [.. tools.Select(tool => new RegisteredTool(tool, "mcp:" + serverId, ToolSource.McpServer))];
            }

            Publish();
        }
    }

    private void ReadFile()
    {
        var declared = _monitor.Current.Tools.Declared;
        lock (_lock)
        {
            if (declared == _declaredFrom)
            {
                return;
            }

            (_declaredFrom, _declared) = (declared, [.. declared.Select(static tool => new RegisteredTool(tool, FileOwner, ToolSource.File))]);
            Publish();
        }
    }

    private void Publish()
    {
        _current = new ToolCatalog([.. _declared, .. _ofServers.Values.SelectMany(static tools => tools), .. _registered.Values.Select(static registration => registration.Tool)]);
        Changed?.Invoke();
    }
}
