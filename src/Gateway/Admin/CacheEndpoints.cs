using System.Text.Json;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Protocols;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Admin;

/// <summary>GET /admin/cache and POST /admin/cache/flush: what decisions are remembered, and forgetting them.</summary>
internal sealed partial class CacheEndpoints
{
    private const int MostBytes = 64 << 10;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/admin/cache", GetAsync);
        endpoints.MapPost("/admin/cache/flush", FlushAsync);
    }

    private static Task GetAsync(HttpContext context, DecisionCache cache, ReceiptLog receipts)
    {
        var statistics = cache.GetStatistics();
        return JsonAnswer.WriteAsync(context, json => Write(json, statistics, receipts));
    }

    private static async Task FlushAsync(
        HttpContext context, DecisionCache cache, RouteTableMonitor monitor, IOptions<GatewayOptions> options, ILogger<CacheEndpoints> logger)
    {
        var (body, failure) = await RequestBody.ReadAsync(context.Request, Math.Min(MostBytes, options.Value.MaxRequestBytes), context.RequestAborted);
        string? route = null;
        using (body)
        {
            if (body is not null)
            {
                (route, failure) = ReadRoute(body.Bytes, monitor.Current);
            }
        }

        if (failure is not null)
        {
            await ErrorWriter.WriteAsync(context, failure);
            return;
        }

        var flushed = await cache.FlushAsync(route, context.RequestAborted);
        if (flushed.Fault is { } fault)
        {
            LogHalfFlushed(logger, route ?? "all routes", flushed.Memory, fault);
            await ErrorWriter.WriteAsync(context, new GatewayFailure(
                GatewayError.RedisUnavailable, $"{flushed.Memory} were forgotten in this gateway's memory, but Redis still has them, and other gateways do: {fault} Flush again when it is back."));
            return;
        }

        LogFlushed(logger, route ?? "all routes", flushed.Memory, flushed.Redis);
        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteString("route"u8, route);
            json.WriteNumber("memory"u8, flushed.Memory);
            json.WriteNumber("redis"u8, flushed.Redis);
        });
    }

    /// <returns>The route, <c>null</c> for all; or why the body is refused.</returns>
    private static (string? Route, GatewayFailure? Failure) ReadRoute(ReadOnlyMemory<byte> body, RouteTable table)
    {
        if (body.IsEmpty)
        {
            return (null, null);
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.EnumerateObject().Any(static member => member.Name != "route"))
            {
                return (null, new GatewayFailure(GatewayError.InvalidRequest, "The body must be empty, {}, or {\"route\":\"<id>\"}."));
            }

            if (!root.TryGetProperty("route"u8, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                return (null, null);
            }

            if (value.ValueKind != JsonValueKind.String)
            {
                return (null, new GatewayFailure(GatewayError.InvalidRequest, "\"route\" must be the id of a route.", "route"));
            }

            var route = value.GetString()!; // a string, as was checked
            return table.RoutesById.ContainsKey(route)
                ? (route, null)
                : (null, ReceiptEndpoints.NoSuchRoute(route, table));
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter: half a surrogate pair
        {
            return (null, new GatewayFailure(GatewayError.InvalidJson, $"The request body is not JSON: {fault.Message}"));
        }
    }

    private static void Write(Utf8JsonWriter json, CacheStatistics statistics, ReceiptLog receipts)
    {
        json.WriteNumber("decisions"u8, statistics.Decisions);
        json.WriteNumber("sessions"u8, statistics.Sessions);
        json.WriteNumber("capacity"u8, statistics.Capacity);
        json.WriteStartObject("hits"u8);
        json.WriteNumber("memory"u8, statistics.MemoryHits);
        json.WriteNumber("redis"u8, statistics.RedisHits);
        json.WriteNumber("similar"u8, statistics.SimilarHits);
        json.WriteEndObject();
        json.WriteNumber("misses"u8, statistics.Misses);
        json.WriteNumber("joined"u8, statistics.Joined);
        json.WriteNumber("evictions"u8, statistics.Evictions);
        json.WriteStartObject("receipts"u8);
        json.WriteNumber("kept"u8, receipts.Count);
        json.WriteNumber("capacity"u8, receipts.Capacity);
        json.WriteEndObject();
        if (statistics.Redis is not { } redis)
        {
            json.WriteNull("redis"u8);
            return;
        }

        json.WriteStartObject("redis"u8);
        json.WriteBoolean("isWell"u8, redis.IsWell);
        json.WriteString("endpoints"u8, redis.Endpoints);
        json.WriteString("lastError"u8, redis.LastError);
        if (redis.LastErrorAge is { } age)
        {
            json.WriteNumber("lastErrorSecondsAgo"u8, Math.Round(age.TotalSeconds));
        }

        json.WriteNumber("errors"u8, redis.Errors);
        json.WriteNumber("timeouts"u8, redis.Timeouts);
        json.WriteNumber("droppedWrites"u8, redis.DroppedWrites);
        json.WriteNumber("waitingWrites"u8, redis.WaitingWrites);
        json.WriteEndObject();
    }

    [LoggerMessage(EventId = 1214, Level = LogLevel.Warning, Message = "Flushed {Route} on request: {Memory} in memory, and nothing in Redis: {Reason}")]
    private static partial void LogHalfFlushed(ILogger logger, string route, int memory, string reason);

    [LoggerMessage(EventId = 1213, Level = LogLevel.Information, Message = "Flushed the decisions of {Route}: {Memory} in memory, {Redis} in Redis")]
    private static partial void LogFlushed(ILogger logger, string route, int memory, long redis);
}
