using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Proxy;

/// <summary>Where a request may go: a YARP route with a cluster of its own, and the model name its backend knows.</summary>
/// <param name="YarpRouteId">See <see cref="RouteTableConfigProvider"/>.</param>
/// <param name="Cluster">The cluster of <c>routes.json</c> behind it.</param>
/// <param name="Model">The <c>model</c> sent to the backend; <c>null</c>: the caller's, as it came.</param>
internal sealed record DispatchTarget(string YarpRouteId, Cluster Cluster, string? Model)
{
    public static DispatchTarget ForRoute(RouteTable table, Route route)
    {
        var cluster = table.ClustersById[route.ClusterId];
        return new DispatchTarget(RouteTableConfigProvider.RouteKey(route.Id), cluster, route.Model ?? cluster.Model);
    }

    public static DispatchTarget ForCluster(Cluster cluster) =>
        new(RouteTableConfigProvider.ClusterKey(cluster.Id), cluster, cluster.Model);

    /// <summary>The route's own target, then those of its fallbacks, each cluster once.</summary>
    public static List<DispatchTarget> PlanFor(RouteTable table, Route route)
    {
        var plan = new List<DispatchTarget> { ForRoute(table, route) };
        foreach (var fallback in route.Fallbacks)
        {
            var target = ForRoute(table, table.RoutesById[fallback]);
            if (plan.TrueForAll(planned => planned.Cluster.Id != target.Cluster.Id))
            {
                plan.Add(target);
            }
        }

        return plan;
    }
}
