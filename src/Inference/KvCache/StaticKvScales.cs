using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>Puts the static quantisation of the KV cache into a decoder's graph, or takes it out: scales, attributes and tensor types of every
/// GroupQueryAttention. Weights stay where they are.</summary>
internal static partial class StaticKvScales
{
    private const string BitWidth = "kv_cache_bit_width";
    private const int PastInput = 3;
    private const int CosineInput = 7;
    private const int FirstScaleInput = 12;
    private const int LastScaleInput = 13;

    /// <summary>Takes it out; does nothing to a graph whose cache is not quantised.</summary>
    /// <remarks>
    /// The prefix of a scorer has scales of its own for every token and head, which are more exact than scales fixed in the file, and
    /// GroupQueryAttention is 1.6 to 2.7 times slower over many tokens with a quantised cache than with a plain one.
    /// </remarks>
    /// <exception cref="InvalidDataException">It is not a graph that can run; the message says why.</exception>
    public static void Remove(ProtoMessage graph)
    {
        var types = new Dictionary<string, int>(StringComparer.Ordinal); // by name of an initializer
        foreach (var tensor in graph.All(OnnxProto.GraphInitializer).Select(static field => field.Message))
        {
            if (!types.TryAdd(tensor.Text(OnnxProto.TensorName), (int)(tensor.Last(OnnxProto.TensorDataType)?.Value ?? 0)))
            {
                throw new InvalidDataException($"it holds \"{tensor.Text(OnnxProto.TensorName)}\" twice");
            }
        }

        var floatTypes = new Dictionary<string, int>(StringComparer.Ordinal); // by name of a cache tensor
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            if (graph.Fields[i].Number == OnnxProto.GraphNode && graph.Fields[i].Message is var node && IsQuantised(node))
            {
                var inputs = node.All(OnnxProto.NodeInput).Select(static input => input.Text).ToArray();
                if (inputs.Length <= CosineInput)
                {
                    throw new InvalidDataException($"it has a GroupQueryAttention of {inputs.Length} inputs, without rotary embeddings");
                }

                var type = types.GetValueOrDefault(inputs[CosineInput], OnnxProto.Float); // the type of the activations
                var outputs = node.All(OnnxProto.NodeOutput).Select(static output => output.Text);
                foreach (var cache in inputs[PastInput..(PastInput + 2)].Concat(outputs.Skip(1).Take(2)))
                {
                    floatTypes[cache] = type;
                }

                graph.Fields[i] = ProtoField.Of(OnnxProto.GraphNode, Plain(node));
            }
        }

        if (floatTypes.Count == 0)
        {
            return;
        }

        for (var i = 0; i < graph.Fields.Count; i++)
        {
            var field = graph.Fields[i];
            if (field.Number is OnnxProto.GraphInput or OnnxProto.GraphOutput && floatTypes.TryGetValue(field.Message.Text(OnnxProto.ValueName), out var type))
            {
                var (quantised, shape) = OnnxProto.TypeOf(field.Message);
                shape[^1] *= quantised == OnnxProto.Uint8 && shape[^1] > 0 ? 2 : 1; // two int4 values to a byte
                graph.Fields[i] = ProtoField.Of(field.Number, OnnxProto.Value(field.Message.Text(OnnxProto.ValueName), type, shape));
            }
        }

        graph.Fields.RemoveAll(static field => field.Number == OnnxProto.GraphValueInfo); // for information only, and partly wrong now
    }

    private static bool IsAttention(ProtoMessage node) => node.Text(OnnxProto.NodeOperator) == "GroupQueryAttention";

    private static bool IsQuantised(ProtoMessage node) =>
        IsAttention(node) && node.All(OnnxProto.NodeAttribute).Any(static attribute => attribute.Message is var a && a.Text(OnnxProto.AttributeName) == BitWidth && a.Last(3)?.Value > 0);

    private static ProtoMessage Plain(ProtoMessage node)
    {
        node.Fields.RemoveAll(static field =>
            field.Number == OnnxProto.NodeAttribute && field.Message.Text(OnnxProto.AttributeName) is "k_quant_type" or "v_quant_type" or BitWidth);
        var input = 0;
        for (var i = 0; i < node.Fields.Count; i++)
        {
            if (node.Fields[i].Number == OnnxProto.NodeInput && input++ is >= FirstScaleInput and <= LastScaleInput)
            {
                node.Fields[i] = ProtoField.Of(OnnxProto.NodeInput, "");
            }
        }

        return node;
    }
}
