using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

internal static partial class QuantisedPast
{
    private const int TotalInput = 6;
    private const string WholeSuffix = ".whole";
    private const string FirstNew = "present.first_new";
    private const string Total = "present.total";
    private const string TokenAxis = "present.token_axis";

    /// <summary>Edits the graph as <see cref="Apply"/> does, but for a cache that grows: the past has rows for the new tokens already, at its
    /// end, and <c>present.0.key</c> becomes the new rows only, [1, heads, new tokens, width].</summary>
    /// <remarks>GroupQueryAttention then writes into the past that was multiplied out, and only one layer's is there at a time.</remarks>
    /// <exception cref="InvalidDataException">It is not a decoder with a KV cache of fixed heads and width, or something else than attention reads its past.</exception>
    public static void ApplyRows(ProtoMessage graph)
    {
        var added = CountNewTokens(graph);
        var pasts = ReplaceInputs(graph, added, static (_, _, _, _, _) => { });
        var index = new GraphIndex(graph);
        var attention = index.Nodes.Where(static node => node.Operator == "GroupQueryAttention").ToArray();
        if (pasts.FirstOrDefault(past => index.ReadersOf(past).Any(static reader => reader.Node.Operator != "GroupQueryAttention")) is { } measured)
        {
            throw new InvalidDataException($"something else than GroupQueryAttention reads its \"{measured}\", so that it cannot be int8 with a scale for every token and head");
        }

        var presents = attention.SelectMany(static node => node.Outputs.Skip(1).Take(2)).Where(index.IsOutput).ToHashSet(StringComparer.Ordinal);
        var total = attention.FirstOrDefault()?.Inputs.ElementAtOrDefault(TotalInput) is { Length: > 0 } name ? name : throw new InvalidDataException("it has no GroupQueryAttention with a KV cache");
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            var field = graph.Fields[i];
            graph.Fields[i] = field.Number switch
            {
                OnnxProto.GraphNode => Renamed(field, presents),
                OnnxProto.GraphOutput when presents.Contains(field.Message.Text(OnnxProto.ValueName)) => NewRows(field.Message),
                _ => field,
            };
        }

        graph.Fields.RemoveAll(static field => field.Number == OnnxProto.GraphValueInfo); // for information only, and partly wrong now
        graph.Fields.InsertRange(0, added);
        graph.Fields.AddRange([
            Initializer(OnnxProto.Tensor(TokenAxis, [2L], 1)),
            Initializer(OnnxProto.Tensor(Total + ".shape", [1L], 1)),
            Node("Cast", [total], Total + ".long", OnnxProto.Attribute("to", OnnxProto.Int64)),
            Node("Reshape", [Total + ".long", Total + ".shape"], Total),
            Node("Sub", [Total, NewTokens], FirstNew),
            .. presents.Select(static present => Node("Slice", [present + WholeSuffix, FirstNew, Total, TokenAxis], present))]);
    }

    private static ProtoField NewRows(ProtoMessage output)
    {
        var (type, shape) = OnnxProto.TypeOf(output);
        var name = output.Text(OnnxProto.ValueName);
        return shape is [_, var heads, _, var width] ? ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value(name, type, 1, heads, -1, width)) : throw new InvalidDataException($"output \"{name}\" has no fixed heads and width");
    }

    // Layers that share a cache go on reading all of it.
    private static ProtoField Renamed(ProtoField field, HashSet<string> presents)
    {
        var node = field.Message;
        var changed = false;
        for (var i = 0; i < node.Fields.Count; i++)
        {
            if (node.Fields[i].Number is OnnxProto.NodeInput or OnnxProto.NodeOutput && presents.Contains(node.Fields[i].Text))
            {
                node.Fields[i] = ProtoField.Of(node.Fields[i].Number, node.Fields[i].Text + WholeSuffix);
                changed = true;
            }
        }

        return changed ? ProtoField.Of(OnnxProto.GraphNode, node) : field;
    }
}
