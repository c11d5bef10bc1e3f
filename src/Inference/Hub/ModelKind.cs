namespace RouterGateway.Inference.Hub;

/// <summary>What a model folder holds.</summary>
public enum ModelKind
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,

    /// <summary>A decoder that takes token ids; it generates, and can be a scorer.</summary>
    Generation,

    /// <summary>The same in two graphs, one of which embeds the tokens.</summary>
    TwoGraphGeneration,

    /// <summary>An embedding model, such as the router's classifier.</summary>
    Embedding,
}
