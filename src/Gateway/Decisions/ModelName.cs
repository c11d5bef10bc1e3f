using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Router;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Decisions;

/// <summary>Reads the <c>model</c> of a request: "classify", a route, a cluster or a served model.</summary>
internal static class ModelName
{
    public const string Auto = "auto";
    public const string RoutePrefix = "route:";

    public static async ValueTask<RequestDecision> DecideAsync(
        string model, Prompt prompt, PromptRouter router, RouteTable table, CancellationToken cancellationToken)
    {
        if (model is "" or Auto or "router")
        {
            var decision = await router.RouteAsync(prompt, cancellationToken);
            return new RequestDecision(DispatchTarget.PlanFor(decision.Table, decision.Route), decision);
        }

        if (model.StartsWith(RoutePrefix, StringComparison.Ordinal))
        {
            return table.RoutesById.TryGetValue(model[RoutePrefix.Length..], out var route)
                ? new RequestDecision(DispatchTarget.PlanFor(table, route), router.Pin(table, route))
                : NotFound(model, table);
        }

        // the caller wants this model and no other, so nothing falls back
        return FindCluster(model, table) is { } cluster
            ? new RequestDecision([DispatchTarget.ForCluster(cluster)], null)
            : NotFound(model, table);
    }

    /// <summary>Everything that <c>model</c> may be, as <c>GET /v1/models</c> lists it.</summary>
    public static IEnumerable<string> List(RouteTable table) =>
        new[] { Auto }
            .Concat(table.Routes.Select(static route => RoutePrefix + route.Id))
            .Concat(table.ClustersById.Values.Select(static cluster => cluster.Id).Order(StringComparer.Ordinal))
            .Concat(table.ClustersById.Values.Select(static cluster => cluster.Model).OfType<string>().Order(StringComparer.Ordinal))
            .Distinct();

    private static Cluster? FindCluster(string model, RouteTable table) =>
        table.ClustersById.GetValueOrDefault(model)
        ?? table.ClustersById.Values.Where(cluster => cluster.Model == model).OrderBy(static cluster => cluster.Id, StringComparer.Ordinal).FirstOrDefault();

    private static RequestDecision NotFound(string model, RouteTable table)
    {
        var shown = model.Length <= 100 ? model : model[..100] + "...";
        return new RequestDecision([], null, new GatewayFailure(
            GatewayError.ModelNotFound,
            $"The model \"{shown}\" does not exist. Use \"auto\" to let the gateway choose, or one of: {string.Join(", ", List(table).Skip(1).Take(40))}.",
            "model"));
    }
}
