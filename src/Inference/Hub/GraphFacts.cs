using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Hub;

/// <summary>What a graph says of itself, without being run.</summary>
/// <param name="Inputs">Names of its inputs.</param>
/// <param name="Outputs">Names of its outputs.</param>
/// <param name="ExternalFiles">Files beside it that hold its weights.</param>
/// <param name="Dtype">Kind of its weights.</param>
/// <param name="KvCache">The tensors of its KV cache, as they are stored.</param>
/// <param name="PlainKvCache">The same as they are when they are not quantised.</param>
internal sealed record GraphFacts(
    IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<string> ExternalFiles, string Dtype, IReadOnlyList<GraphTensor> KvCache, IReadOnlyList<GraphTensor> PlainKvCache)
{
    private const int TensorLocation = 14;
    private const int TensorExternalData = 13;
    private const ulong External = 1;
    private const int AttributeInteger = 3;

    /// <summary>Reads a graph.</summary>
    /// <exception cref="InvalidDataException">It is not an ONNX file.</exception>
    public static GraphFacts Read(string modelPath)
    {
        using var file = new MappedFile(modelPath);
        var graph = ProtoMessage.Parse(file.Memory).Last(OnnxProto.ModelGraph)?.Message ?? throw new InvalidDataException("it holds no graph");
        var (inputs, outputs) = (Values(graph, OnnxProto.GraphInput), Values(graph, OnnxProto.GraphOutput));
        var (dtype, externalFiles, kvCache) = (DtypeOf(graph), ExternalFilesOf(graph), KvCacheOf(graph));
        StaticKvScales.Remove(graph);
        return new GraphFacts(inputs, outputs, externalFiles, dtype, kvCache, KvCacheOf(graph));
    }

    private static string[] Values(ProtoMessage graph, int field) => [.. graph.All(field).Select(static value => value.Message.Text(OnnxProto.ValueName))];

    private static GraphTensor[] KvCacheOf(ProtoMessage graph) =>
    [
        .. graph.All(OnnxProto.GraphInput).Select(static field => field.Message).Where(static input => DecoderContract.IsPast(input.Text(OnnxProto.ValueName))).Select(static input =>
        {
            var (type, shape) = OnnxProto.TypeOf(input);
            return new GraphTensor(input.Text(OnnxProto.ValueName), type, shape);
        }).Where(static tensor => tensor.Shape is [_, > 0, _, > 0]),
    ];

    private static string[] ExternalFilesOf(ProtoMessage graph) =>
    [
        .. graph.All(OnnxProto.GraphInitializer).Select(static field => field.Message)
            .Where(static tensor => tensor.Last(TensorLocation)?.Value == External)
            .Select(static tensor => tensor.All(TensorExternalData).Select(static entry => entry.Message).FirstOrDefault(static entry => entry.Text(1) == "location")?.Text(2))
            .OfType<string>().Select(static file => file.StartsWith("./", StringComparison.Ordinal) ? file[2..] : file).Distinct().Order(StringComparer.Ordinal),
    ];

    // By the operators that read the weights, and for those that are not quantised by the type that most of the tensors have.
    private static string DtypeOf(ProtoMessage graph)
    {
        var types = graph.All(OnnxProto.GraphInitializer).Select(static field => field.Message).Where(static tensor => tensor.All(1).Any()).Select(static tensor => (int)(tensor.Last(OnnxProto.TensorDataType)?.Value ?? 0)).ToArray();
        var half = types.Count(static type => type == OnnxProto.Float16) > types.Count(static type => type == OnnxProto.Float);
        foreach (var node in graph.All(OnnxProto.GraphNode).Select(static field => field.Message))
        {
            switch (node.Text(OnnxProto.NodeOperator))
            {
                case "MatMulNBits" or "GatherBlockQuantized":
                    var bits = node.All(OnnxProto.NodeAttribute).Select(static field => field.Message).FirstOrDefault(static attribute => attribute.Text(OnnxProto.AttributeName) == "bits")?.Last(AttributeInteger)?.Value ?? 4;
                    return $"q{bits}{(half ? "f16" : "")}";
                case "MatMulInteger" or "DynamicQuantizeLinear" or "DequantizeLinear":
                    return "int8";
            }
        }

        return half ? "fp16" : WeightKinds.Float32;
    }
}

/// <summary>An input of a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Element type, as in <see cref="OnnxProto"/>.</param>
/// <param name="Shape">Its sizes, open ones -1.</param>
internal sealed record GraphTensor(string Name, int Type, long[] Shape);
