using Microsoft.Extensions.Primitives;
using RouterGateway.Gateway.EmbeddedBackends;
using RouterGateway.Router.Routes;
using Yarp.ReverseProxy.Configuration;

namespace RouterGateway.Gateway.Proxy;

/// <summary>Turns the route table into YARP's configuration, anew whenever the table or the address of an embedded backend changes.</summary>
/// <remarks>
/// Every route is a YARP route with a cluster of its own, because YARP hands the load balancer the cluster of the route and
/// reassigning the cluster alone leaves it with the old one (yarp #1750). Its path, <c>/routes/{id}/...</c>, is also the address
/// that pins a request to it. Every cluster has one such pair too, for requests that name a model.
/// </remarks>
internal sealed class RouteTableConfigProvider : IProxyConfigProvider, IDisposable
{
    /// <summary>The YARP route of the endpoints that decide; its cluster is replaced before anything is sent.</summary>
    public const string IngressKey = "ingress";

    private readonly RouteTableMonitor _monitor;
    private readonly EmbeddedBackendSupervisor _embedded;
    private readonly Lock _lock = new();
    private readonly IDisposable _tableChanges;
    private volatile ProxyConfig _config;

    public RouteTableConfigProvider(RouteTableMonitor monitor, EmbeddedBackendSupervisor embedded)
    {
        _monitor = monitor;
        _embedded = embedded;
        _config = Build();
        _tableChanges = ChangeToken.OnChange(_monitor.GetChangeToken, Update);
        _embedded.AddressesChanged += Update;
    }

    public static string RouteKey(string routeId) => "route:" + routeId;

    public static string ClusterKey(string clusterId) => "cluster:" + clusterId;

    /// <summary>The <c>model</c> that asks for the same as a pinning path does.</summary>
    public static string ModelOf(string yarpRouteId) =>
        yarpRouteId.StartsWith("cluster:", StringComparison.Ordinal) ? yarpRouteId["cluster:".Length..] : yarpRouteId;

    public IProxyConfig GetConfig() => _config;

    public void Dispose()
    {
        _tableChanges.Dispose();
        _embedded.AddressesChanged -= Update;
    }

    private void Update()
    {
        ProxyConfig replaced;
        lock (_lock)
        {
            replaced = _config;
            _config = Build();
        }

        replaced.SignalChange();
    }

    private ProxyConfig Build()
    {
        var table = _monitor.Current;
        var routes = new List<RouteConfig>
        {
            new() { RouteId = IngressKey, ClusterId = IngressKey, Match = new RouteMatch { Path = "/v1/chat/completions", Methods = [HttpMethods.Post] } },
        };
        var clusters = new List<ClusterConfig> { new() { ClusterId = IngressKey } };
        foreach (var route in table.Routes)
        {
            Add(RouteKey(route.Id), $"/routes/{route.Id}", table.ClustersById[route.ClusterId]);
        }

        foreach (var cluster in table.ClustersById.Values)
        {
            Add(ClusterKey(cluster.Id), $"/clusters/{cluster.Id}", cluster);
        }

        return new ProxyConfig(routes, clusters);

        void Add(string key, string prefix, Cluster cluster)
        {
            routes.Add(new RouteConfig
            {
                RouteId = key,
                ClusterId = key,
                Match = new RouteMatch { Path = prefix + "/v1/chat/completions", Methods = [HttpMethods.Post] },
                Transforms = [new Dictionary<string, string> { ["PathSet"] = "/v1/chat/completions" }],
            });
            clusters.Add(new ClusterConfig
            {
                ClusterId = key,
                LoadBalancingPolicy = cluster.LoadBalancing,
                Destinations = Destinations(cluster),
                // the clocks of an attempt replace YARP's single one, which would cut a model that thinks for long
                HttpRequest = new Yarp.ReverseProxy.Forwarder.ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromDays(1) },
                Metadata = new Dictionary<string, string> { [ClusterMetadata.Cluster] = cluster.Id, [ClusterMetadata.ConnectTimeout] = cluster.Timeouts.Connect.ToString("c") },
            });
        }
    }

    private Dictionary<string, DestinationConfig> Destinations(Cluster cluster)
    {
        if (cluster.Embedded is null)
        {
            return cluster.Destinations.ToDictionary(static pair => pair.Key, static pair => new DestinationConfig { Address = WithoutVersion(pair.Value) });
        }

        return _embedded.GetAddress(cluster.Id) is { } address
            ? new Dictionary<string, DestinationConfig> { [EmbeddedBackend.DestinationId] = new() { Address = address.AbsoluteUri } }
            : [];
    }

    /// <summary>OpenAI clients write base URLs with <c>/v1</c>, and so do people who copy one; the request's path brings its own.</summary>
    private static string WithoutVersion(Uri address)
    {
        var text = address.AbsoluteUri.TrimEnd('/');
        return text.EndsWith("/v1", StringComparison.Ordinal) ? text[..^"v1".Length] : text + "/";
    }

#pragma warning disable CA1001 // the source has no timer and no handle; YARP may still hold its token when it is replaced
    private sealed class ProxyConfig(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters) : IProxyConfig
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _changed = new();

        public IReadOnlyList<RouteConfig> Routes { get; } = routes;

        public IReadOnlyList<ClusterConfig> Clusters { get; } = clusters;

        public IChangeToken ChangeToken => new CancellationChangeToken(_changed.Token);

        public void SignalChange() => _changed.Cancel();
    }
}
