using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using RouterGateway.Gateway.Cli;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Admin;

/// <summary>GET /admin/decisions and /admin/decisions/{id}: the receipts of decisions.</summary>
internal sealed partial class ReceiptEndpoints
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1000;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        WarnOfTextThatNobodyMaySee(endpoints.ServiceProvider);
        var decisions = endpoints.MapGroup("/admin/decisions").AddEndpointFilter(RequireKeyForTextAsync);
        decisions.MapGet("", ListAsync);
        decisions.MapGet("/{id}", GetAsync);
        decisions.MapPost("/replay", ReplayEndpoint.ReplayAsync);
        decisions.MapGet("/replay", static () => Results.StatusCode(StatusCodes.Status405MethodNotAllowed)); // else it would be an id
    }

    /// <summary>Names a route that neither runs nor was taken; a route of an earlier table may still have receipts.</summary>
    public static GatewayFailure? FailureOf(ReceiptFilter filter, bool hasReceipts, RouteTable table) =>
        filter.RouteId is { } route && !hasReceipts && !table.RoutesById.ContainsKey(route) ? NoSuchRoute(route, table) : null;

    public static GatewayFailure NoSuchRoute(string route, RouteTable table)
    {
        var hint = table.HintForRoute(route);
        return new GatewayFailure(GatewayError.InvalidRequest, $"There is no route \"{(route.Length <= 60 ? route : route[..60] + "...")}\"{hint}{(hint.EndsWith('?') ? "" : ".")}", "route");
    }

    /// <summary>Writes the property <c>source</c>.</summary>
    public static void WriteSource(Utf8JsonWriter json, ReceiptSource source) => json.WriteString("source"u8, source == ReceiptSource.Redis ? "redis"u8 : "memory"u8);

    private static void WarnOfTextThatNobodyMaySee(IServiceProvider services)
    {
        var (monitor, logger) = (services.GetRequiredService<RouteTableMonitor>(), services.GetRequiredService<ILogger<ReceiptEndpoints>>());
        var hasKey = services.GetRequiredService<IOptions<GatewayOptions>>().Value.AdminKey is { Length: > 0 };
        ChangeToken.OnChange(monitor.GetChangeToken, Warn);
        Warn();

        void Warn()
        {
            if (!hasKey && monitor.Current.Decisions is { KeepText: true, Receipts: > 0 })
            {
                LogNobodyMaySee(logger, ServeCommand.AdminKeyVariable);
            }
        }
    }

    // Without a key AdminGuard trusts this machine; a proxy on it that adds none of the usual headers it cannot tell.
    private static async ValueTask<object?> RequireKeyForTextAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var services = invocation.HttpContext.RequestServices;
        if (services.GetRequiredService<IOptions<GatewayOptions>>().Value.AdminKey is { Length: > 0 } || !services.GetRequiredService<RouteTableMonitor>().Current.Decisions.KeepText)
        {
            return await next(invocation);
        }

        await ErrorWriter.WriteAsync(invocation.HttpContext, new GatewayFailure(
            GatewayError.Forbidden, $"Receipts hold prompts (decisions.keepText), so only who has the admin key may see them. Set {ServeCommand.AdminKeyVariable} for the gateway and send that key."));
        return Results.Empty;
    }

    private static async Task ListAsync(HttpContext context, ReceiptLog receipts, RouteTableMonitor monitor, TimeProvider timeProvider)
    {
        var query = new AdminQuery(context.Request.Query, timeProvider.GetUtcNow());
        var filter = query.ReadFilter(DefaultLimit, MostLimit);
        var list = query.Failure is null ? await receipts.ListAsync(filter, context.RequestAborted) : null;
        var failure = list is null ? query.Failure : FailureOf(filter, !list.Receipts.IsEmpty, monitor.Current);
        if (failure is not null)
        {
            await ErrorWriter.WriteAsync(context, failure);
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            WriteSource(json, list!.Source); // null only with a failure
            json.WriteStartArray("decisions"u8);
            foreach (var receipt in list.Receipts)
            {
                ReceiptJson.Write(json, receipt);
            }

            json.WriteEndArray();
        });
    }

    private static async Task GetAsync(HttpContext context, string id, ReceiptLog receipts)
    {
        var (receipt, source) = await receipts.FindAsync(id, context.RequestAborted);
        if (receipt is null)
        {
            var kept = receipts.IsOn
                ? $"{receipts.Count} of at most {receipts.Capacity} are kept in memory{(source == ReceiptSource.Redis ? ", and the stream in Redis has none either" : "")}. Dry runs have no receipt."
                : "None are kept (decisions.receipts is 0).";
            await ErrorWriter.WriteAsync(context, new GatewayFailure(GatewayError.DecisionNotFound, $"There is no receipt of this decision, or not any more: {kept}"));
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            WriteSource(json, source);
            json.WritePropertyName("decision"u8);
            ReceiptJson.Write(json, receipt);
        });
    }

    [LoggerMessage(EventId = 1215, Level = LogLevel.Warning, Message = "decisions.keepText keeps prompts that nobody may see or replay, because there is no admin key: set {Variable} for the gateway")]
    private static partial void LogNobodyMaySee(ILogger logger, string variable);
}
