using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>Undoes the quantisation of the KV cache in a decoder's graph: scales, attributes and tensor types.</summary>
internal static class FloatKvCache
{
    // Field numbers of onnx.proto.
    private const int ModelGraph = 7;
    private const int GraphNode = 1;
    private const int NodeInput = 1;
    private const int NodeOperator = 4;
    private const int NodeAttribute = 5;
    private const int ScaleInput = 12;
    private const long Float = 1;

    public static byte[] Apply(string modelPath)
    {
        var model = ProtoMessage.Parse(File.ReadAllBytes(modelPath));
        var graph = model.Last(ModelGraph)!.Value.Message;
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            var field = graph.Fields[i];
            graph.Fields[i] = field.Number switch
            {
                GraphNode when field.Message.Text(NodeOperator) == "GroupQueryAttention" => ProtoField.Of(GraphNode, Unquantise(field.Message)),
                11 or 12 when IsCache(field.Message.Text(1)) => ProtoField.Of(field.Number, SetFloat(field.Message)),
                _ => field,
            };
        }

        graph.Fields.RemoveAll(static field => field.Number == 13); // types of intermediate values, for information only
        model.Fields[model.Fields.FindIndex(static field => field.Number == ModelGraph)] = ProtoField.Of(ModelGraph, graph);
        return model.ToBytes();
    }

    private static bool IsCache(string name) => name.StartsWith("past_key_values.", StringComparison.Ordinal) || name.StartsWith("present.", StringComparison.Ordinal);

    private static ProtoMessage Unquantise(ProtoMessage node)
    {
        var inputs = 0;
        node.Fields.RemoveAll(field =>
            (field.Number == NodeInput && inputs++ >= ScaleInput)
            || (field.Number == NodeAttribute && field.Message.Text(1) is "k_quant_type" or "v_quant_type" or "kv_cache_bit_width"));
        return node;
    }

    // ValueInfo.type (2) . tensor_type (1) . elem_type (1)
    private static ProtoMessage SetFloat(ProtoMessage value)
    {
        var type = value.Last(2)!.Value.Message;
        var tensor = type.Last(1)!.Value.Message;
        Replace(tensor, ProtoField.Of(1, Float));
        Replace(type, ProtoField.Of(1, tensor));
        Replace(value, ProtoField.Of(2, type));
        return value;
    }

    private static void Replace(ProtoMessage message, ProtoField field) =>
        message.Fields[message.Fields.FindIndex(other => other.Number == field.Number)] = field;
}
