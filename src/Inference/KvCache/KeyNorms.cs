using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>The norms that make the keys of one cache and the queries that meet them.</summary>
/// <param name="Key">Of the keys.</param>
/// <param name="Queries">Of the queries of every layer that reads the cache.</param>
/// <param name="PartnerOf">By channel the one that rotary embeddings turn with it: itself when there is none.</param>
internal sealed record KeyNorms(Norm Key, IReadOnlyList<Norm> Queries, int[] PartnerOf);

/// <summary>A node that multiplies every channel with a weight.</summary>
/// <param name="Node">The node.</param>
/// <param name="WeightInput">Which of its inputs is the weight.</param>
/// <param name="Weight">The weight as it is stored, [width].</param>
/// <param name="Type">Its element type as the node reads it.</param>
internal sealed record Norm(GraphNode Node, int WeightInput, ProtoMessage Weight, int Type);
