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
    private readonly HashSet<ToolKey> _removed = []; // which others still have
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

    /// <summary>Grows whenever something was shared.</summary>
    public long Generation { get; private set; }

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
    /// <returns>The tools as they are now, in the order given; or which limit, of the owner or of all, would be passed.</returns>
    public (IReadOnlyList<Registration>? Registered, string? Limit) Register(string owner, IReadOnlyList<ToolDefinition> definitions, DateTimeOffset now)
    {
        var settings = _monitor.Current.Tools;
        var tools = definitions.Select(definition => new RegisteredTool(definition, owner, ToolSource.Caller, now)).ToArray(); // hashes them, before the lock
        lock (_lock)
        {
            var fresh = tools.Count(tool => !_registered.ContainsKey(new ToolKey(owner, tool.Name)));
            if (fresh > 0 && fresh + _registered.Keys.Count(key => key.Owner == owner) > settings.MaxToolsPerKey)
            {
                return (null, $"This key would have more than {settings.MaxToolsPerKey} tools (tools.maxToolsPerKey in routes.json).");
            }

            if (fresh + _registered.Count > settings.MaxTools)
            {
                return (null, $"The gateway would have more than {settings.MaxTools} tools (tools.maxTools in routes.json).");
            }

            var registered = Array.ConvertAll(tools, tool => Register(tool, now + (tool.Definition.LeaseTtl ?? settings.LeaseTtl)));
            if (registered.Any(static registration => !registration.IsShared))
            {
                Publish();
            }

            return (registered, null);
        }
    }

    private Registration Register(RegisteredTool tool, DateTimeOffset leaseUntil)
    {
        var key = new ToolKey(tool.Owner, tool.Name);
        var before = _registered.GetValueOrDefault(key);
        var registration = before is null ? new Registration(tool, leaseUntil)
            : before.Tool.Hash == tool.Hash ? before with { LeaseUntil = leaseUntil }
            : new Registration(tool.AsVersion(before.Tool.Version + 1, before.Tool.Since), leaseUntil);
        _removed.Remove(key);
        return _registered[key] = registration;
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
    public void TakeLeases(IEnumerable<KeyValuePair<ToolKey, DateTimeOffset>> leases)
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

    /// <param name="key">Which tool.</param>
    /// <param name="isShared">Others have to be told: <see cref="Unshared"/> names it until <see cref="MarkShared"/>.</param>
    /// <returns>False when it was not there.</returns>
    public bool Remove(ToolKey key, bool isShared)
    {
        lock (_lock)
        {
            if (!_registered.Remove(key))
            {
                return false;
            }

            if (isShared)
            {
                _removed.Add(key);
            }

            Publish();
            return true;
        }
    }

    /// <summary>Removes what nobody spoke for in time.</summary>
    public IReadOnlyList<Registration> RemoveEnded(DateTimeOffset now)
    {
        lock (_lock)
        {
            var ended = _registered.Values.Where(registration => registration.LeaseUntil <= now).ToArray();
            foreach (var registration in ended)
            {
                _registered.Remove(registration.Key);
            }

            if (ended.Length > 0)
            {
                Publish();
            }

            return ended;
        }
    }

    /// <summary>What other gateways do not know yet.</summary>
    public (IReadOnlyList<Registration> Registered, IReadOnlyList<ToolKey> Removed) Unshared()
    {
        lock (_lock)
        {
            return ([.. _registered.Values.Where(static registration => !registration.IsShared)], [.. _removed]);
        }
    }

    /// <summary>Others know now; what changed meanwhile stays unshared.</summary>
    public void MarkShared(IEnumerable<Registration> registered, IEnumerable<ToolKey> removed)
    {
        lock (_lock)
        {
            Generation++;
            foreach (var registration in registered)
            {
                if (_registered.TryGetValue(registration.Key, out var now) && now.Tool == registration.Tool)
                {
                    _registered[registration.Key] = now with { IsShared = true };
                }
            }

            _removed.ExceptWith(removed);
        }
    }

    /// <summary>Others have lost these.</summary>
    public void MarkUnshared(Func<ToolKey, bool> isLost)
    {
        lock (_lock)
        {
            foreach (var registration in _registered.Values.Where(registration => isLost(registration.Key)).ToArray())
            {
                _registered[registration.Key] = registration with { IsShared = false };
            }
        }
    }

    /// <summary>Takes what all gateways share in place of what was known; what is unshared here stays, versions that are equal stay the same objects.</summary>
    /// <param name="shared">The registrations.</param>
    /// <param name="generation"><see cref="Generation"/> before they were read.</param>
    /// <returns>False when something was shared since, so that it may be missing in <paramref name="shared"/>: read again.</returns>
    public bool Replace(IReadOnlyList<Registration> shared, long generation)
    {
        lock (_lock)
        {
            if (generation != Generation)
            {
                return false;
            }

            var before = _registered;
            _registered = before.Where(static registration => !registration.Value.IsShared).ToDictionary();
            foreach (var registration in shared)
            {
                if (!_removed.Contains(registration.Key) && !_registered.ContainsKey(registration.Key))
                {
                    var known = before.GetValueOrDefault(registration.Key)?.Tool;
                    _registered[registration.Key] = known is not null && known.Hash == registration.Tool.Hash && known.Version == registration.Tool.Version ? registration with { Tool = known } : registration;
                }
            }

            if (before.Count != _registered.Count || before.Any(registration => _registered.GetValueOrDefault(registration.Key)?.Tool != registration.Value.Tool))
            {
                Publish();
            }

            return true;
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
