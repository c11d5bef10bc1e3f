using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>Edits a decoder's graph so that the past of its KV cache comes in as int8 with a scale for every token and head.</summary>
/// <remarks>
/// An input <c>past_key_values.0.key</c> becomes two, <c>past_key_values.0.key.int8</c> [1, heads, tokens, width] and
/// <c>past_key_values.0.key.scale</c> [1, heads, tokens, 1], and the old name that of their product. Weights stay where they are.
/// </remarks>
internal static partial class QuantisedPast
{
    /// <summary>What follows a name for the int8 values.</summary>
    public const string ValuesSuffix = ".int8";

    /// <summary>What follows a name for the scales.</summary>
    public const string ScaleSuffix = ".scale";

    private const string PaddedSuffix = ".padded";
    private const string NewTokens = "past.new_tokens";

    /// <summary>Edits the graph.</summary>
    /// <exception cref="InvalidDataException">It is not a decoder with a KV cache of fixed heads and width.</exception>
    public static void Apply(ProtoMessage graph)
    {
        var added = CountNewTokens(graph);
        var pasts = ReplaceInputs(graph, added, Pad);
        ReadPadded(graph, pasts);
        graph.Fields.InsertRange(0, added);
    }

    // Returns their names.
    private static HashSet<string> ReplaceInputs(ProtoMessage graph, List<ProtoField> added, Action<List<ProtoField>, string, int, long, long> addMore)
    {
        var pasts = new HashSet<string>(StringComparer.Ordinal);
        for (var i = graph.Fields.Count - 1; i >= 0; i--)
        {
            if (graph.Fields[i].Number != OnnxProto.GraphInput || graph.Fields[i].Message.Text(OnnxProto.ValueName) is not { } name || !DecoderContract.IsPast(name))
            {
                continue;
            }

            var (type, shape) = OnnxProto.TypeOf(graph.Fields[i].Message);
            if (shape is not [_, > 0 and var heads, _, > 0 and var width])
            {
                throw new InvalidDataException($"input \"{name}\" has no fixed heads and width");
            }

            pasts.Add(name);
            graph.Fields.RemoveAt(i);
            graph.Fields.Insert(i, ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value(name + ScaleSuffix, OnnxProto.Float, 1, heads, -1, 1)));
            graph.Fields.Insert(i, ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value(name + ValuesSuffix, OnnxProto.Int8, 1, heads, -1, width)));
            Dequantise(added, name, type);
            addMore(added, name, type, heads, width);
        }

        return pasts.Count > 0 ? pasts : throw new InvalidDataException("it has no inputs \"past_key_values...\": it is no decoder with a KV cache");
    }

    // How many tokens come after the past: the second size of the token ids or their embeddings.
    private static List<ProtoField> CountNewTokens(ProtoMessage graph)
    {
        var tokens = graph.All(OnnxProto.GraphInput).Select(static input => input.Message.Text(OnnxProto.ValueName)).FirstOrDefault(static name => name is "input_ids" or "inputs_embeds")
            ?? throw new InvalidDataException("it has neither an input \"input_ids\" nor \"inputs_embeds\"");
        return [
            Initializer(OnnxProto.Tensor("past.second", [1L], 1)),
            Node("Shape", [tokens], "past.tokens_shape"),
            Node("Gather", ["past.tokens_shape", "past.second"], NewTokens)];
    }

    private static void Dequantise(List<ProtoField> added, string name, int type)
    {
        added.Add(Node("Cast", [name + ValuesSuffix], name + ".float", OnnxProto.Attribute("to", OnnxProto.Float)));
        if (type == OnnxProto.Float)
        {
            added.Add(Node("Mul", [name + ".float", name + ScaleSuffix], name));
            return;
        }

        added.Add(Node("Mul", [name + ".float", name + ScaleSuffix], name + ".scaled"));
        added.Add(Node("Cast", [name + ".scaled"], name, OnnxProto.Attribute("to", type)));
    }

    // GroupQueryAttention declares that its present may take the place of its past. ONNX Runtime plans that for a past that the graph
    // computes, and fails at run time because the present is longer ("Shape mismatch attempting to re-use buffer"). With a row of zeros for
    // each new token both are of one length; how much of it is past the operator knows from seqlens_k.
    private static void Pad(List<ProtoField> added, string name, int type, long heads, long width)
    {
        var zeros = $"past.zeros_{type}_{heads}_{width}";
        if (!added.Exists(field => field.Number == OnnxProto.GraphNode && field.Message.Text(OnnxProto.NodeOutput) == zeros))
        {
            var elementBytes = type == OnnxProto.Float ? 4 : 2;
            added.Add(Initializer(OnnxProto.Tensor(zeros + ".before", [1L, heads], 2)));
            added.Add(Initializer(OnnxProto.Tensor(zeros + ".after", [width], 1)));
            added.Add(Node("Concat", [zeros + ".before", NewTokens, zeros + ".after"], zeros + ".shape", OnnxProto.Attribute("axis", 0)));
            added.Add(Node("ConstantOfShape", [zeros + ".shape"], zeros, OnnxProto.Attribute("value", OnnxProto.Tensor("", type, new byte[elementBytes], 1))));
        }

        added.Add(Node("Concat", [name, zeros], name + PaddedSuffix, OnnxProto.Attribute("axis", 2)));
    }

    // Any other reader of a past, such as a graph that takes its length, sees it as long as it is.
    private static void ReadPadded(ProtoMessage graph, HashSet<string> pasts)
    {
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            if (graph.Fields[i].Number != OnnxProto.GraphNode || graph.Fields[i].Message.Text(OnnxProto.NodeOperator) != "GroupQueryAttention")
            {
                continue;
            }

            var node = graph.Fields[i].Message;
            for (var j = 0; j < node.Fields.Count; j++)
            {
                if (node.Fields[j].Number == OnnxProto.NodeInput && pasts.Contains(node.Fields[j].Text))
                {
                    node.Fields[j] = ProtoField.Of(OnnxProto.NodeInput, node.Fields[j].Text + PaddedSuffix);
                }
            }

            graph.Fields[i] = ProtoField.Of(OnnxProto.GraphNode, node);
        }
    }

    private static ProtoField Node(string type, string[] inputs, string output, params IEnumerable<ProtoMessage> attributes) =>
        ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node(type, inputs, [output], "", attributes));

    private static ProtoField Initializer(ProtoMessage tensor) => ProtoField.Of(OnnxProto.GraphInitializer, tensor);
}
