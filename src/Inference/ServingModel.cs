using RouterGateway.Inference.Engine;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Telemetry;

namespace RouterGateway.Inference;

/// <summary>Everything that serves one loaded model; published whole when the model is ready.</summary>
internal sealed record ServingModel(GenerationModel Model, GenerationEngine Engine, KvCacheBudget Budget) : IAsyncDisposable
{
    private const int TokensOfWarmUp = 2;

    /// <summary>Loads the model, sizes its KV pool, and generates once so that the first request finds all code warm.</summary>
    public static async Task<ServingModel> LoadAsync(InferenceServerOptions options, InferenceMetrics metrics, Microsoft.Extensions.Logging.ILogger logger, CancellationToken cancellationToken)
    {
        var model = await Task.Run(() => GenerationModel.Load(options.ModelFolder, options.Device, logger), cancellationToken);
        var budget = new KvCacheBudget(options.KvPoolBytes ?? ChoosePoolBytes(model, options.MaxSequences));
        var serving = new ServingModel(model, new GenerationEngine(model, budget, options.MaxSequences, options.MaxQueue, metrics, logger), budget);
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

    // Room for every slot at full length, but never more than half of the memory that is there.
    private static long ChoosePoolBytes(GenerationModel model, int maxSequences)
    {
        var sequenceBytes = model.KvCache.BytesPerToken * model.Config.ContextTokens;
        return Math.Max(model.KvCache.BytesPerToken, Math.Min(sequenceBytes * maxSequences, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2));
    }

    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var prompt = Model.Template.Encode([new("user", "Hello")]);
        var request = new GenerationRequest(prompt, TokensOfWarmUp, Model.Config.Sampling, cancellationToken);
        if (request.ReservedTokens <= Model.Config.ContextTokens && request.ReservedTokens * Model.KvCache.BytesPerToken <= Budget.PoolBytes && Engine.TryEnqueue(request))
        {
            await foreach (var _ in request.Tokens.ReadAllAsync(cancellationToken))
            {
            }
        }
    }
}
