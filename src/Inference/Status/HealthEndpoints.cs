using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.OpenAI;

namespace RouterGateway.Inference.Status;

/// <summary>GET /healthz (the process lives) and GET /readyz (it may take requests).</summary>
internal sealed class HealthEndpoints(ServerState state)
{
    /// <summary>Answers 200 as long as the process answers at all.</summary>
    public static Task HandleHealthAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.BodyWriter.Write("""{"status":"ok"}"""u8);
        return context.Response.BodyWriter.FlushAsync(context.RequestAborted).AsTask();
    }

    /// <summary>Answers 200 and what is served when the model is ready, else 503.</summary>
    public async Task HandleReadyAsync(HttpContext context)
    {
        var loaded = state.Loaded;
        var status = state.IsDraining ? "draining" : loaded is null ? "loading" : "ready";
        context.Response.StatusCode = status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        using (var json = new Utf8JsonWriter(context.Response.BodyWriter, WireFormat.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("status", status);
            json.WriteString("model", state.Options.EffectiveModelName);
            if (loaded is not null)
            {
                WriteModel(json, loaded);
            }

            json.WriteEndObject();
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private void WriteModel(Utf8JsonWriter json, IServing loaded)
    {
        json.WriteString("device", loaded.Device);
        json.WriteNumber("contextTokens", loaded.ContextTokens);
        json.WriteNumber("maxSequences", state.Options.MaxSequences);
        switch (loaded)
        {
            case ServingModel serving:
                json.WriteString("kvCache", Name(serving.Model.KvCache.Precision));
                json.WriteNumber("kvCacheBytesPerToken", serving.Model.KvCache.BytesPerToken);
                json.WriteNumber("kvCachePoolBytes", serving.Budget.PoolBytes);
                break;
            case ServingEmbedding serving:
                json.WriteNumber("dimensions", serving.Model.Dimension);
                break;
        }
    }

    /// <summary>The precision as options, metrics and this page spell it.</summary>
    public static string Name(KvCachePrecision precision) => precision switch
    {
        KvCachePrecision.Int8 => "int8",
        KvCachePrecision.Int4 => "int4",
        KvCachePrecision.Int8PerTokenHead => "int8-per-token-head",
        _ => "none",
    };
}
