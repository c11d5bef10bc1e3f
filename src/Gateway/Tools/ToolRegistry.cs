using System.Collections.Immutable;
using Microsoft.Extensions.Primitives;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>All tools, in memory: those that callers register, those of <c>routes.json</c>, and those of its MCP servers.</summary>
/// <remarks>
/// Writers take a lock and swap the <see cref="Current"/> catalog whole; readers take none. Leases and other gateways are
/// <see cref="ToolRegistrations"/>' business.
/// </remarks>
internal sealed class ToolRegistry : IDisposable
{
    private const string FileOwner = "routes.json";

    private readonly RouteTableMonitor _monitor;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ImmutableArray<RegisteredTool>> _ofServers = new(StringComparer.Ordinal);
    private readonly IDisposable _tableChanges;
    private Dictionary<ToolKey, Registration> _registered = [];
    private ImmutableArray<RegisteredTool> _declared = [];
    private ImmutableArray<ToolDefinition> _declaredFrom = [];
    private volatile ToolCatalog _current = ToolCatalog.Empty;

    public ToolRegistry(RouteTableMonitor monitor)
    {
        _monitor = monitor;
        _tableChanges = ChangeToken.OnChange(monitor.GetChangeToken, ReadFile);
        ReadFile();
    }

    /// <summary>Raised after <see cref="Current"/> changed, under the writers' lock; handlers are short.</summary>
    public event Action? Changed;

    public ToolCatalog Current => _current;

    public void Dispose() => _tableChanges.Dispose();

    /// <summary>The registrations of an owner, or of all with <c>null</c>.</summary>
    public IReadOnlyList<Registration> Registrations(string? owner = null)
    {
        lock (_lock)
        {
            return [.. _registered.Values.Where(registration => owner is null || registration.Tool.Owner == owner)];
        }
    }

    /// <summary>Registers tools or renews them; an equal definition keeps its version.</summary>
    /// <returns>The tools as they are now, in the order given; <c>null</c> when the owner would have more than it may.</returns>
    public IReadOnlyList<Registration>? Register(string owner, IReadOnlyList<ToolDefinition> definitions, DateTimeOffset now)
    {
        var settings = _monitor.Current.Tools;
        lock (_lock)
        {
            var names = _registered.Keys.Where(key => key.Owner == owner).Select(static key => key.Name).ToHashSet(StringComparer.Ordinal);
            names.UnionWith(definitions.Select(static definition => definition.Name));
            if (names.Count > settings.MaxToolsPerKey)
            {
                return null;
            }

            var changes = false;
            var registered = new List<Registration>(definitions.Count);
            foreach (var definition in definitions)
            {
                var before = _registered.GetValueOrDefault(new ToolKey(owner, definition.Name))?.Tool;
                var tool = new RegisteredTool(definition, owner, ToolSource.Caller, (before?.Version ?? 0) + 1);
                var same = before?.Hash == tool.Hash;
                var registration = new Registration(same ? before! : tool, now + (definition.LeaseTtl ?? settings.LeaseTtl));
                _registered[registration.Key] = registration;
                registered.Add(registration);
                changes |= !same;
            }

            if (changes)
            {
                Publish();
            }

            return registered;
        }
    }

    /// <summary>Lets leases end later.</summary>
    /// <returns>The registrations as they are now; a name that is not registered is left out.</returns>
    public IReadOnlyList<Registration> Renew(string owner, IEnumerable<string>? names, DateTimeOffset now)
    {
        var settings = _monitor.Current.Tools;
        lock (_lock)
        {
            var renewed = (names is null ? _registered.Values.Where(registration => registration.Tool.Owner == owner) : names.Select(name => _registered.GetValueOrDefault(new ToolKey(owner, name))).OfType<Registration>())
                .Select(registration => registration with { LeaseUntil = now + (registration.Tool.Definition.LeaseTtl ?? settings.LeaseTtl) })
                .ToArray();
            foreach (var registration in renewed)
            {
                _registered[registration.Key] = registration;
            }

            return renewed;
        }
    }

    /// <summary>Takes leases as another gateway renewed them.</summary>
    public void TakeLeases(IReadOnlyDictionary<ToolKey, DateTimeOffset> leases)
    {
        lock (_lock)
        {
            foreach (var (key, until) in leases)
            {
                if (_registered.TryGetValue(key, out var registration) && registration.LeaseUntil < until)
                {
                    _registered[key] = registration with { LeaseUntil = until };
                }
            }
        }
    }

    /// <returns>Those that were there.</returns>
    public IReadOnlyList<Registration> Remove(IEnumerable<ToolKey> keys)
    {
        lock (_lock)
        {
            var removed = keys.Select(key => _registered.Remove(key, out var registration) ? registration : null).OfType<Registration>().ToArray();
            if (removed.Length > 0)
            {
                Publish();
            }

            return removed;
        }
    }

    /// <summary>Takes what all gateways share in place of what was known; versions that are equal stay the same objects.</summary>
    /// <param name="shared">The registrations.</param>
    /// <param name="keep">Keys that are known better here, because they are about to be shared.</param>
    public void Replace(IEnumerable<Registration> shared, IReadOnlySet<ToolKey> keep)
    {
        lock (_lock)
        {
            var before = _registered;
            _registered = before.Where(registration => keep.Contains(registration.Key)).ToDictionary();
            foreach (var registration in shared)
            {
                if (!keep.Contains(registration.Key))
                {
                    var known = before.GetValueOrDefault(registration.Key)?.Tool;
                    _registered[registration.Key] = known is not null && known.Hash == registration.Tool.Hash && known.Version == registration.Tool.Version ? registration with { Tool = known } : registration;
                }
            }

            if (before.Count != _registered.Count || before.Any(registration => _registered.GetValueOrDefault(registration.Key)?.Tool != registration.Value.Tool))
            {
                Publish();
            }
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
            if (declared != _declaredFrom)
            {
                (_declaredFrom, _declared) = (declared, [.. declared.Select(static tool => new RegisteredTool(tool, FileOwner, ToolSource.File))]);
                Publish();
            }
        }
    }

    private void Publish()
    {
        _current = new ToolCatalog([.. _declared, .. _ofServers.Values.SelectMany(static tools => tools), .. _registered.Values.Select(static registration => registration.Tool)]);
        Changed?.Invoke();
    }
}
