using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.Status;

namespace RouterGateway.Inference.OpenAI;

/// <summary>GET /v1/models: the one model that is served.</summary>
internal sealed class ModelsEndpoint(ServerState state, long startedSeconds)
{
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, WireFormat.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            json.WriteStartObject();
            json.WriteString("id", state.Options.EffectiveModelName);
            json.WriteString("object", "model");
            json.WriteNumber("created", startedSeconds);
            json.WriteString("owned_by", "router-gateway");
            if (state.Loaded is { } serving)
            {
                json.WriteNumber("max_model_len", serving.ContextTokens); // as vLLM names it
            }

            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
