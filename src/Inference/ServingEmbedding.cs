using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Hub;
using RouterGateway.Inference.OpenAI;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference;

/// <summary>Everything that serves one embedding model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="VocabularySize">One more than the highest id that the model can be given.</param>
internal sealed record ServingEmbedding(EmbeddingModel Model, EmbeddingEngine Engine, int VocabularySize) : IServing
{
    /// <inheritdoc/>
    public string Kind => "an embedding model";

    /// <inheritdoc/>
    public string Path => EmbeddingsEndpoint.Path;

    /// <inheritdoc/>
    public string Device => Model.Device;

    /// <inheritdoc/>
    public int ContextTokens => Model.MaxTokens;

    /// <inheritdoc/>
    public BpeTokenizer Tokenizer => Model.Tokenizer;

    /// <inheritdoc/>
    public int Running => Engine.Running;

    /// <inheritdoc/>
    public int Waiting => Engine.Waiting;

    /// <summary>Loads the model and goes the way of a request once, so that the first one finds all code warm.</summary>
    /// <param name="options">What to serve.</param>
    /// <param name="folder">What the folder holds.</param>
    /// <param name="logger">Receives what is done.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    public static async Task<ServingEmbedding> LoadAsync(InferenceServerOptions options, ModelInspection folder, ILogger logger, CancellationToken cancellationToken)
    {
        var model = await Task.Run(() => EmbeddingModel.Load(options.ModelFolder, options.Device, logger), cancellationToken);
        var engine = new EmbeddingEngine(model, options.MaxSequences, options.MaxQueue, options.QueueTimeout, options.TimeProvider, EmbeddingBatches.RowsPerRun(folder.Dtype), logger);

        // A tokenizer may know ids, of images say, for which a text model has no row.
        var vocabularySize = Math.Min(model.Tokenizer.VocabularySize, folder.VocabularySize ?? int.MaxValue);
        var serving = new ServingEmbedding(model, engine, vocabularySize);
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

    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var request = EmbeddingRequestReader.Read("""{"input":["Hello","Hello, world."]}"""u8.ToArray());
        var inputs = request.Inputs.Select(input => Model.Tokenize(input.Text)).ToArray();
        float[] embeddings;
        try
        {
            embeddings = await Engine.EmbedAsync(inputs, cancellationToken);
        }
        catch (EngineOverloadedException)
        {
            return; // the machine is busier than requests may wait: it starts cold
        }

        var output = PipeWriter.Create(Stream.Null);
        var answer = new EmbeddingsWriter(output, "");
        await answer.WriteAsync(embeddings, inputs.Length, request.IsBase64, 0, cancellationToken);
        await output.CompleteAsync();
    }
}
