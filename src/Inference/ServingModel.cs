using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Telemetry;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference;

/// <summary>Everything that serves one loaded model; published whole when the model is ready.</summary>
internal sealed record ServingModel(GenerationModel Model, GenerationEngine Engine, KvCacheBudget Budget) : IServing
{
    private const int TokensOfWarmUp = 2;

    /// <inheritdoc/>
    public string Kind => "a chat model";

    /// <inheritdoc/>
    public string Path => "/v1/chat/completions";

    /// <inheritdoc/>
    public string Device => Model.Device;

    /// <inheritdoc/>
    public int ContextTokens => Model.Config.ContextTokens;

    /// <inheritdoc/>
    public BpeTokenizer Tokenizer => Model.Tokenizer;

    /// <inheritdoc/>
    public int Running => Engine.Running;

    /// <inheritdoc/>
    public int Waiting => Engine.Waiting;

    /// <summary>Loads the model, sizes its KV pool, and generates once so that the first request finds all code warm.</summary>
    public static async Task<ServingModel> LoadAsync(
        InferenceServerOptions options, InferenceMetrics metrics, ILogger logger, CancellationToken cancellationToken)
    {
        var model = await Task.Run(() => GenerationModel.Load(options.ModelFolder, options.Device, logger, options.WantedPrecision), cancellationToken);
        var budget = new KvCacheBudget(options.KvPoolBytes ?? ChoosePoolBytes(model, options.MaxSequences));
        var serving = new ServingModel(model, new GenerationEngine(model, budget, options.MaxSequences, options.MaxQueue, options.QueueTimeout, options.TimeProvider, metrics, logger), budget);
        try
        {
            await serving.WarmUpAsync(cancellationToken);
            return serving;
        }
        catch
        {
            await serving.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Model.Dispose();
    }

    // Room for every slot at full length, but never more than half of the memory that is free: the other half is for activations, and for
    // whoever else is on the machine.
    private static long ChoosePoolBytes(GenerationModel model, int maxSequences)
    {
        var sequenceBytes = model.KvCache.BytesPerToken * model.Config.ContextTokens;
        return Math.Max(model.KvCache.BytesPerToken, Math.Min(sequenceBytes * maxSequences, FreeMemory.Bytes() / 2));
    }

    // Goes the way of a real request, from its bytes to the bytes of its stream.
    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var chat = ChatCompletionRequestReader.Read("""{"messages":[{"role":"user","content":"Hello"}],"stop":"\n\n\n","stream":true}"""u8.ToArray());
        var request = new GenerationRequest(Model.Template.Encode(chat.Messages), TokensOfWarmUp, Model.Config.Sampling, cancellationToken);
        if (request.ReservedTokens > Math.Min(Model.Config.ContextTokens, Budget.PoolBytes / Model.KvCache.BytesPerToken) || !Engine.TryEnqueue(request))
        {
            return;
        }

        var output = PipeWriter.Create(Stream.Null);
        using var writer = new ChatCompletionWriter(output, "", 0, "");
        writer.WriteRole();
        await foreach (var piece in new GeneratedText(request, new StreamingDetokenizer(Model.Tokenizer), new StopFilter(chat.Stop)).ReadAsync(cancellationToken))
        {
            writer.WriteContent(piece);
            await output.FlushAsync(cancellationToken);
        }

        writer.WriteFinish(request.FinishReason);
        await output.CompleteAsync();
    }
}
