using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.OpenAI;
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
        var budget = new KvCacheBudget(options.KvPoolBytes ?? KvCacheBudget.ChoosePoolBytes(model.KvCache, model.Config.ContextTokens, options.MaxSequences, FreeMemory.Bytes()));
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

    // Goes the way of a real request, from its bytes to the bytes of its stream.
    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var chat = ChatCompletionRequestReader.Read("""{"messages":[{"role":"user","content":"Hello"}],"stop":"\n\n\n","stream":true}"""u8.ToArray());
        var prompt = Model.Template.Encode(chat.Prompt);
        var request = new GenerationRequest(prompt, TokensOfWarmUp, Model.Config.Sampling, cancellationToken) { AnyBegun = new StrongBox<bool>(true) }; // it waits however long that takes
        if (request.ReservedTokens > Math.Min(Model.Config.ContextTokens, Model.KvCache.LongestSequence(Budget.PoolBytes)) || !Engine.TryEnqueue(request))
        {
            return;
        }

        var output = PipeWriter.Create(Stream.Null);
        using var writer = new ChatCompletionWriter(output, "", 0, "", null);
        writer.WriteRole(0);
        var answers = new GeneratedAnswers([new GeneratedAnswer(request, new AnswerReader(Model.Tokenizer, new AnswerOptions { Stop = chat.Stop }, prompt))]);
        await foreach (var (choice, parts) in answers.ReadAsync(cancellationToken))
        {
            foreach (var part in parts)
            {
                writer.WritePart(choice, part);
            }

            await output.FlushAsync(cancellationToken);
        }

        writer.WriteFinish(0, answers.Answers[0].FinishReason);
        await output.CompleteAsync();
    }
}
