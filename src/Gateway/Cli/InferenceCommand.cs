using System.CommandLine;
using RouterGateway.Inference;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Gateway.Cli;

/// <summary>Serves one model folder as an OpenAI-compatible server, for chats or for embeddings: what an embedded cluster runs, also of use alone.</summary>
internal static class InferenceCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "The model's folder: of one that generates, or an embedding model." };
        var name = new Option<string?>("--name") { Description = "Name under which the model is served; by default its folder's." };
        var urls = new Option<string>("--urls") { Description = "Address to listen on; port 0 takes a free one.", DefaultValueFactory = static _ => "http://127.0.0.1:8081" };
        var kvCache = new Option<string>("--kv-cache") { Description = "How the KV cache is stored: auto (as the model says), none, int8, int8-per-token-head or int4.", DefaultValueFactory = static _ => "auto" };
        var device = new Option<DevicePreference>("--device") { Description = "Where the model runs.", DefaultValueFactory = static _ => DevicePreference.Auto };
        var maxSequences = new Option<int>("--max-sequences") { Description = "Most sequences, or runs of an embedding model, at a time.", DefaultValueFactory = static _ => 4 };
        var maxQueue = new Option<int>("--max-queue") { Description = "Most requests that wait for their turn besides; more are refused with 503.", DefaultValueFactory = static _ => 64 };
        var queueTimeout = new Option<TimeSpan>("--queue-timeout") { Description = "How long a request waits for its turn before it is refused with 503, as in 00:01:00.", DefaultValueFactory = static _ => TimeSpan.FromSeconds(60) };
        var poolBytes = new Option<long?>("--kv-pool-bytes") { Description = "Memory for KV caches, in bytes." };
        var exitWithParent = new Option<bool>("--exit-with-parent") { Description = "End when standard input closes." };
        var chatOnly = new Option<bool>("--chat-only") { Description = "Refuse an embedding model, rather than serve its embeddings." };
        var command = new Command("inference", "Serve one model folder as an OpenAI-compatible server.")
        {
            model, name, urls, kvCache, device, maxSequences, maxQueue, queueTimeout, poolBytes, exitWithParent, chatOnly,
        };
        command.SetAction((arguments, cancellationToken) =>
        {
            var options = new InferenceServerOptions
            {
                ModelFolder = arguments.GetValue(model)!,
                ServedModelName = arguments.GetValue(name),
                Urls = arguments.GetValue(urls)!,
                KvCache = arguments.GetValue(kvCache)!,
                Device = arguments.GetValue(device),
                MaxSequences = arguments.GetValue(maxSequences),
                MaxQueue = arguments.GetValue(maxQueue),
                QueueTimeout = arguments.GetValue(queueTimeout),
                KvPoolBytes = arguments.GetValue(poolBytes),
                ExitWithParent = arguments.GetValue(exitWithParent),
                ChatOnly = arguments.GetValue(chatOnly),
            };
            return InferenceServer.RunAsync(options, cancellationToken);
        });
        return command;
    }
}
