namespace RouterGateway.Inference.Hub;

/// <summary>A short name of a repository that is known to work.</summary>
/// <param name="Name">The alias.</param>
/// <param name="Repository">Owner and name on the hub.</param>
/// <param name="Purpose">What it is for, in a few words.</param>
public sealed record ModelAlias(string Name, string Repository, string Purpose)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<ModelAlias> All { get; } =
    [
        new("gemma-4-e2b", "onnx-community/gemma-4-E2B-it-ONNX", "instruction model, two graphs"),
        new("gemma-4-e4b", "onnx-community/gemma-4-E4B-it-ONNX", "instruction model, two graphs"),
        new("embeddinggemma-2", "vespa-engine/embeddinggemma-2-ONNX", "embedding model, text only"),
    ];

    /// <summary>Finds an alias; null when there is none of this name.</summary>
    public static ModelAlias? Find(string name) => All.FirstOrDefault(alias => alias.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
