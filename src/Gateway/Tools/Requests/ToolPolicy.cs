using System.Collections.Frozen;
using System.Collections.Immutable;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>Who may use which tools: the file's own lists, those of the caller's key, those of the route.</summary>
internal sealed class ToolPolicy(RouteTableMonitor monitor, TimeProvider timeProvider)
{
    // secrets may be rotated while the gateway runs, yet must not be read from a file for every request
    private static readonly TimeSpan _readAgainAfter = TimeSpan.FromSeconds(5);

    private volatile KnownKeys? _known;

    /// <summary>What holds for the key of an owner; the default when the file says nothing of it.</summary>
    /// <param name="owner">See <see cref="Caller.TenantOf"/>.</param>
    public RouteTools OfKey(string owner)
    {
        var settings = monitor.Current.Tools;
        return settings.Keys.IsEmpty ? RouteTools.Default : Known(settings).ByOwner.GetValueOrDefault(owner, RouteTools.Default);
    }

    /// <summary>What an owner may use, for a request that takes a route or, with <c>null</c>, for itself.</summary>
    public ToolAccess AccessOf(string owner, Route? route = null)
    {
        var filters = ImmutableArray.CreateBuilder<ToolFilter>(3);
        foreach (var filter in (ReadOnlySpan<ToolFilter>)[monitor.Current.Tools.Filter, OfKey(owner).Filter, route?.Tools.Filter ?? ToolFilter.All])
        {
            if (filter != ToolFilter.All)
            {
                filters.Add(filter);
            }
        }

        return new ToolAccess(owner, filters.DrainToImmutable());
    }

    private KnownKeys Known(ToolSettings settings)
    {
        if (_known is { } known && known.Settings == settings && timeProvider.GetElapsedTime(known.ReadAt) < _readAgainAfter)
        {
            return known;
        }

        var before = _known?.Secrets ?? FrozenDictionary<ClusterCredentials, string>.Empty;
        var secrets = new Dictionary<ClusterCredentials, string>();
        var byOwner = new Dictionary<string, RouteTools>(StringComparer.Ordinal);
        foreach (var key in settings.Keys)
        {
            if ((key.Key.ReadSecret() ?? before.GetValueOrDefault(key.Key)) is { } secret) // a file that is being replaced lifts no ban
            {
                secrets[key.Key] = secret;
                byOwner[Caller.TenantOfKey(secret)] = key.Tools;
            }
        }

        return _known = new KnownKeys(settings, timeProvider.GetTimestamp(), byOwner.ToFrozenDictionary(StringComparer.Ordinal), secrets.ToFrozenDictionary());
    }

    private sealed record KnownKeys(
        ToolSettings Settings, long ReadAt, FrozenDictionary<string, RouteTools> ByOwner, FrozenDictionary<ClusterCredentials, string> Secrets);
}
