using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Requests;

/// <summary>Who may use which tools: the file's own lists, those of the caller's key, those of the route.</summary>
internal sealed class ToolPolicy(RouteTableMonitor monitor, TimeProvider timeProvider)
{
    // secrets may be rotated while the gateway runs, yet must not be read from a file for every request
    private static readonly TimeSpan _readAgainAfter = TimeSpan.FromSeconds(5);

    private volatile KnownKeys _known = new(new ToolSettings(), 0, []);

    /// <summary>What holds for the key of a request; the default without one.</summary>
    public RouteTools OfKey(IHeaderDictionary headers)
    {
        var settings = monitor.Current.Tools;
        if (settings.Keys.IsEmpty || Caller.KeyOf(headers) is not { } key)
        {
            return RouteTools.Default;
        }

        var hash = Hash(key);
        var found = RouteTools.Default;
        foreach (var (known, tools) in Known(settings).Keys)
        {
            found = CryptographicOperations.FixedTimeEquals(known, hash) ? tools : found;
        }

        return found;
    }

    /// <summary>What a caller may use, for a request that takes a route or, with <c>null</c>, for itself.</summary>
    public ToolAccess AccessOf(IHeaderDictionary headers, Route? route = null)
    {
        var filters = ImmutableArray.CreateBuilder<ToolFilter>(3);
        foreach (var filter in (ReadOnlySpan<ToolFilter>)[monitor.Current.Tools.Filter, OfKey(headers).Filter, route?.Tools.Filter ?? ToolFilter.All])
        {
            if (filter != ToolFilter.All)
            {
                filters.Add(filter);
            }
        }

        return new ToolAccess(Caller.TenantOf(headers), filters.DrainToImmutable());
    }

    private KnownKeys Known(ToolSettings settings)
    {
        var known = _known;
        if (known.Settings == settings && timeProvider.GetElapsedTime(known.ReadAt) < _readAgainAfter)
        {
            return known;
        }

        return _known = new KnownKeys(settings, timeProvider.GetTimestamp(),
            [.. settings.Keys.Select(static key => (key.Key.ReadSecret(), key.Tools)).Where(static key => key.Item1 is not null).Select(static key => (Hash(key.Item1!), key.Tools))]);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private sealed record KnownKeys(ToolSettings Settings, long ReadAt, ImmutableArray<(byte[] Hash, RouteTools Tools)> Keys);
}
