using System.Text;
using Microsoft.AspNetCore.Http;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference.Status;

/// <summary>GET /metrics: Prometheus text, with vLLM's names where a number means the same.</summary>
internal sealed class MetricsEndpoint(ServerState state, InferenceMetrics metrics)
{
    public async Task HandleAsync(HttpContext context)
    {
        var writer = new PrometheusWriter(("model_name", state.Options.EffectiveModelName));
        if (state.Serving is { } serving)
        {
            WriteKvCache(writer, serving);
            var prefixes = serving.Engine.Prefixes;
            writer.Counter("vllm:prefix_cache_queries_total", "Tokens of prompts that were looked up in the kept sequences.", prefixes.QueriedTokens);
            writer.Counter("vllm:prefix_cache_hits_total", "Tokens of prompts that a kept sequence held already.", prefixes.HitTokens);
            writer.Gauge("inference_prefix_cache_bytes", "Bytes of KV cache of sequences that have ended and are kept; they give way to running ones.", prefixes.Bytes);
        }

        if (state.Loaded is { } loaded)
        {
            writer.Gauge("vllm:num_requests_running", "Sequences that are running.", loaded.Running);
            writer.Gauge("vllm:num_requests_waiting", "Requests that wait for a slot or for KV cache.", loaded.Waiting);
        }

        var generates = state.Loaded is not ServingEmbedding;
        writer.Counter("vllm:prompt_tokens_total", "Tokens of prompts, those that a kept sequence held already included.", metrics.PromptTokens);
        if (generates)
        {
            writer.Counter("vllm:generation_tokens_total", "Tokens the model has produced.", metrics.GeneratedTokens);
        }

        writer.Head("vllm:request_success_total", "counter", "Requests by the way they ended.");
        foreach (var reason in InferenceMetrics.FinishedReasons)
        {
            writer.Sample("vllm:request_success_total", metrics.Finished(reason), ("finished_reason", reason));
        }

        writer.Counter("inference_requests_refused_total", "Requests refused because the queue was full, or because they waited in it too long.", metrics.Refused);
        if (generates)
        {
            writer.Histogram("vllm:time_to_first_token_seconds", "From a request's arrival to its first token.", metrics.TimeToFirstToken);
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(writer.ToString()), context.RequestAborted);
    }

    private static void WriteKvCache(PrometheusWriter writer, ServingModel serving)
    {
        var bytesPerToken = serving.Model.KvCache.BytesPerToken;
        var (poolBytes, usedBytes) = (serving.Budget.PoolBytes, serving.Budget.UsedBytes);
        writer.Head("vllm:cache_config_info", "gauge", "How the KV cache is stored; a block is one token.");
        writer.Sample(
            "vllm:cache_config_info",
            1,
            ("cache_dtype", HealthEndpoints.Name(serving.Model.KvCache.Precision)),
            ("block_size", "1"),
            ("num_gpu_blocks", $"{poolBytes / bytesPerToken}"),
            ("device", serving.Model.Device));
        writer.Gauge("vllm:kv_cache_usage_perc", "Share of the KV pool that sequences hold; 1 is all.", (double)usedBytes / poolBytes);
        writer.Gauge("inference_kv_cache_bytes_per_token", "Bytes of KV cache for one token of one sequence.", bytesPerToken);
        writer.Gauge("inference_kv_cache_pool_bytes", "Bytes of KV cache for all sequences together.", poolBytes);
        writer.Gauge("inference_kv_cache_used_bytes", "Bytes of KV cache that sequences hold, for their prompt and the longest answer.", usedBytes);
    }
}
