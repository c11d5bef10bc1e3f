using System.Text.Json;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.Errors;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Endpoints;

/// <summary>GET /v1/models and /v1/models/{id}: everything that <c>model</c> may be.</summary>
internal static class ModelsEndpoint
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/models", ListAsync);
        endpoints.MapGet("/v1/models/{**id}", GetAsync);
    }

    private static async Task ListAsync(HttpContext context, RouteTableMonitor monitor)
    {
        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var id in ModelName.List(monitor.Current))
        {
            Write(json, id, monitor.LoadedAt);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static async Task GetAsync(HttpContext context, string id, RouteTableMonitor monitor)
    {
        if (!ModelName.List(monitor.Current).Contains(id))
        {
            await ErrorWriter.WriteAsync(context, new GatewayFailure(GatewayError.ModelNotFound, "There is no such model; GET /v1/models lists them.", "model"));
            return;
        }

        context.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        Write(json, id, monitor.LoadedAt);
    }

    private static void Write(Utf8JsonWriter json, string id, DateTimeOffset created)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "model"u8);
        json.WriteNumber("created"u8, created.ToUnixTimeSeconds());
        json.WriteString("owned_by"u8, "router-gateway"u8);
        json.WriteEndObject();
    }
}
