namespace RouterGateway.Inference.Hub;

/// <summary>What a model folder holds.</summary>
public enum ModelKind
{
    /// <summary>Nothing that is known here.</summary>
    Unknown,

    /// <summary>A decoder that takes token ids, in the layout of ONNX Runtime GenAI.</summary>
    Generation,

    /// <summary>A decoder in two graphs, one of which embeds the tokens.</summary>
    TwoGraphGeneration,

    /// <summary>An embedding model, such as the router's classifier.</summary>
    Embedding,
}
