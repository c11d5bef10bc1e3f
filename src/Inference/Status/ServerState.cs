using RouterGateway.Inference.OpenAI;

namespace RouterGateway.Inference.Status;

/// <summary>Whether the server may take requests, and with which model.</summary>
internal sealed class ServerState(InferenceServerOptions options, CancellationToken stopping)
{
    private volatile IServing? _loaded;

    /// <summary>What the server was started with.</summary>
    public InferenceServerOptions Options => options;

    /// <summary>The model; <see langword="null"/> until it is loaded and warm.</summary>
    public IServing? Loaded => _loaded;

    /// <summary>The model if it is one that generates.</summary>
    public ServingModel? Serving => _loaded as ServingModel;

    /// <summary>Whether the server is giving running requests time to end and takes no new ones.</summary>
    public bool IsDraining => stopping.IsCancellationRequested;

    /// <summary>Publishes the model.</summary>
    public void SetReady(IServing serving) => _loaded = serving;

    /// <summary>Whether a name that a client asks for means this model.</summary>
    public bool IsServed(string? model) =>
        string.IsNullOrEmpty(model) || model == "auto" || model == options.EffectiveModelName || options.ModelAliases.Contains(model);

    /// <summary>Refuses a request for another model.</summary>
    /// <exception cref="RequestFormatException">It asks for one.</exception>
    public void CheckServed(string? model)
    {
        if (!IsServed(model))
        {
            throw new RequestFormatException(OpenAIError.UnknownModel(model!, options.EffectiveModelName));
        }
    }
}
