using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Hub;
using RouterGateway.Inference.Telemetry;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference;

/// <summary>Everything that serves one loaded model; published whole when the model is ready.</summary>
internal interface IServing : IAsyncDisposable
{
    /// <summary>What the model is, as messages spell it, such as "an embedding model".</summary>
    string Kind { get; }

    /// <summary>The path that only this kind of model serves.</summary>
    string Path { get; }

    /// <summary>Where the model runs: "cuda" or "cpu".</summary>
    string Device { get; }

    /// <summary>Longest sequence in tokens.</summary>
    int ContextTokens { get; }

    /// <summary>The model's tokenizer.</summary>
    BpeTokenizer Tokenizer { get; }

    /// <summary>Sequences that are running.</summary>
    int Running { get; }

    /// <summary>Requests that wait for their turn.</summary>
    int Waiting { get; }

    /// <summary>Loads a folder as what it holds.</summary>
    /// <exception cref="ModelFolderException">It cannot be served.</exception>
    /// <exception cref="Onnx.DeviceUnavailableException">CUDA was demanded and is not available.</exception>
    static async Task<IServing> LoadAsync(InferenceServerOptions options, InferenceMetrics metrics, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = await Task.Run(() => ModelInspection.Read(options.ModelFolder), cancellationToken);
        if (folder.Kind != ModelKind.Embedding)
        {
            return await ServingModel.LoadAsync(options, metrics, logger, cancellationToken);
        }

        return options.ChatOnly
            ? throw new ModelFolderException(options.ModelFolder, null, "is an embedding model, which cannot chat: name the folder of a model that generates")
            : await ServingEmbedding.LoadAsync(options, folder, logger, cancellationToken);
    }
}
