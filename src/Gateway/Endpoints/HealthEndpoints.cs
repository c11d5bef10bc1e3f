using System.Text.Encodings.Web;
using System.Text.Json;
using RouterGateway.Gateway.EmbeddedBackends;
using RouterGateway.Gateway.Telemetry;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Endpoints;

/// <summary>GET /healthz (alive), /readyz (may take traffic), /metrics.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", static () => Results.Text("{\"status\":\"alive\"}", "application/json"));
        endpoints.MapGet("/readyz", ReadyAsync);
        endpoints.MapGet("/metrics", static (PrometheusExporter exporter) => Results.Text(exporter.Write(), "text/plain; version=0.0.4; charset=utf-8"));
    }

    /// <summary>200 when the router can decide and every embedded cluster answers, else 503; the body says which does not and why.</summary>
    private static async Task ReadyAsync(HttpContext context, PromptRouter router, RouteTableMonitor monitor, DecisionCache cache, EmbeddedBackendSupervisor embedded, ToolRegistry tools, McpServers servers)
    {
        var backends = embedded.Backends.OrderBy(static backend => backend.ClusterId, StringComparer.Ordinal).ToList();
        var expected = monitor.Current.ClustersById.Values.Count(static cluster => cluster.Embedded is not null);
        var isReady = router.IsReady && backends.Count == expected && backends.TrueForAll(static backend => backend.State == EmbeddedBackendState.Ready);
        context.Response.StatusCode = isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("status"u8, isReady ? "ready" : "not ready");
        json.WriteStartObject("router"u8);
        json.WriteBoolean("ready"u8, router.IsReady);
        json.WriteString("device"u8, router.ClassifierDevice);
        if (monitor.Current.Settings.ScorerFolder is not null)
        {
            json.WriteString("scorerDevice"u8, router.ScorerDevice);
        }

        json.WriteEndObject();
        json.WriteStartObject("routes"u8);
        json.WriteString("version"u8, monitor.Current.Version);
        json.WriteString("loadedAt"u8, monitor.LoadedAt);
        json.WriteStartArray("faults"u8);
        foreach (var fault in monitor.LastFaults)
        {
            json.WriteStringValue(fault.ToString());
        }

        json.WriteEndArray();
        json.WriteEndObject();
        if (cache.GetStatistics().Redis is { } redis) // unwell it is no reason to take no traffic
        {
            json.WriteStartObject("redis"u8);
            json.WriteBoolean("well"u8, redis.IsWell);
            if (!redis.IsWell)
            {
                json.WriteString("lastError"u8, redis.LastError);
            }

            json.WriteEndObject();
        }

        json.WriteStartObject("embedded"u8);
        foreach (var backend in backends)
        {
            json.WriteStartObject(backend.ClusterId);
            json.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(backend.State.ToString()));
            json.WriteString("model"u8, Path.GetFileName(backend.Model.ModelFolder));
            json.WriteNumber("restarts"u8, backend.Restarts);
            if (backend.Device is { } device)
            {
                json.WriteString("device"u8, device);
            }

            if (backend.State != EmbeddedBackendState.Ready && backend.LastError is { } error)
            {
                json.WriteString("lastError"u8, error);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        WriteTools(json, tools, servers);
        json.WriteEndObject();
    }

    // a server that is lost is no reason to take no traffic; why it is, the log says: it may name addresses and programs
    private static void WriteTools(Utf8JsonWriter json, ToolRegistry tools, McpServers servers)
    {
        json.WriteStartObject("tools"u8);
        json.WriteNumber("registered"u8, tools.Current.Tools.Length);
        json.WriteStartObject("mcpServers"u8);
        foreach (var server in servers.Statuses)
        {
            json.WriteStartObject(server.Id);
            json.WriteString("state"u8, JsonNamingPolicy.CamelCase.ConvertName(server.State.ToString()));
            json.WriteNumber("tools"u8, server.Tools);
            json.WriteString("since"u8, server.Since);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
