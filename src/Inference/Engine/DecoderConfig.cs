using RouterGateway.Inference.Decoding;

namespace RouterGateway.Inference.Engine;

/// <summary>What a model folder says of its decoder.</summary>
/// <param name="ContextTokens">Longest sequence, prompt and answer together.</param>
/// <param name="EndTokens">Ids that end the model's turn.</param>
/// <param name="BeginToken">What every sequence begins with; null = nothing.</param>
/// <param name="Sampling">What is done when a request does not say.</param>
internal sealed record DecoderConfig(int ContextTokens, IReadOnlySet<int> EndTokens, int? BeginToken, SamplingOptions Sampling)
{
    /// <summary>Reads the configuration files.</summary>
    /// <exception cref="ModelFolderException">What they must say is not there, or one is broken.</exception>
    public static DecoderConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model");
        }

        var config = new FolderConfig(folder);
        if (!config.HasGenAI && !config.HasModel)
        {
            throw new ModelFolderException(folder, FolderConfig.GenAIFile, $"is missing, as is {FolderConfig.ModelFile}: name the folder of a text model, or copy it from the model's repository");
        }

        return config.ContextTokens is { } contextTokens and >= 2
            ? new DecoderConfig(contextTokens, config.EndTokens, config.BeginToken, config.Sampling)
            : throw new ModelFolderException(
                folder,
                config.HasGenAI ? FolderConfig.GenAIFile : FolderConfig.ModelFile,
                $"has no positive integer \"{(config.HasGenAI ? "model.context_length" : "max_position_embeddings")}\": name the folder of a model that generates, or add it");
    }
}
