using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

internal static partial class StaticKvScales
{
    private const float LeastScale = 1e-8f; // of a channel that was always zero

    /// <summary>Puts it in: every key and value is stored in so many bits, times a scale of its head and channel.</summary>
    /// <param name="graph">Of a decoder whose cache is not quantised.</param>
    /// <param name="calibration">What the channels hold at most.</param>
    /// <param name="precision">Eight or four bits.</param>
    /// <param name="widestHead">Caches of wider heads are left as they are.</param>
    /// <exception cref="InvalidDataException">The graph has no attention that can be quantised, or the calibration is another model's.</exception>
    public static void Apply(ProtoMessage graph, KvCalibration calibration, KvCachePrecision precision, int widestHead = int.MaxValue)
    {
        var (bits, largest, type) = precision == KvCachePrecision.Int4 ? (4, 7f, OnnxProto.Uint8) : (8, 127f, OnnxProto.Int8);
        var scales = new HashSet<string>(StringComparer.Ordinal);
        var caches = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            if (graph.Fields[i].Number != OnnxProto.GraphNode || graph.Fields[i].Message is not { } node || !IsAttention(node))
            {
                continue;
            }

            var inputs = node.All(OnnxProto.NodeInput).Select(static input => input.Text).ToList();
            var outputs = node.All(OnnxProto.NodeOutput).Select(static output => output.Text).ToArray();
            if (WidthOf(inputs, outputs, calibration) > widestHead)
            {
                continue;
            }

            while (inputs.Count <= LastScaleInput)
            {
                inputs.Add("");
            }

            for (var half = 0; half < 2; half++) // keys, then values
            {
                var (past, present) = (inputs[PastInput + half], outputs.ElementAtOrDefault(1 + half) ?? "");
                var owner = OwnerOf(past, present, calibration);
                inputs[FirstScaleInput + half] = owner + ".scale";
                scales.Add(owner);
                caches.UnionWith([past, present]);
            }

            graph.Fields[i] = ProtoField.Of(OnnxProto.GraphNode, Quantised(node, inputs, bits));
        }

        if (scales.Count == 0)
        {
            throw new InvalidDataException("it has no GroupQueryAttention, the only operator whose cache can be quantised");
        }

        foreach (var owner in scales)
        {
            graph.Fields.Add(ProtoField.Of(OnnxProto.GraphInitializer, Scale(owner, calibration, largest)));
        }

        SetTypes(graph, caches, type);
    }

    // A layer that shares another's cache has that one's present as its past.
    private static string OwnerOf(string past, string present, KvCalibration calibration) => calibration.AbsMax.ContainsKey(present) ? present : past;

    private static int WidthOf(List<string> inputs, string[] outputs, KvCalibration calibration) =>
        calibration.AbsMax.TryGetValue(OwnerOf(inputs[PastInput], outputs.ElementAtOrDefault(1) ?? "", calibration), out var channels) ? channels.Values.Length / channels.Heads : 0;

    private static ProtoMessage Quantised(ProtoMessage node, List<string> inputs, int bits)
    {
        Plain(node);
        node.Fields.RemoveAll(static field => field.Number == OnnxProto.NodeInput);
        node.Fields.InsertRange(0, inputs.Select(static name => ProtoField.Of(OnnxProto.NodeInput, name)));
        node.Fields.AddRange(new[] { OnnxProto.Attribute("k_quant_type", "PER_CHANNEL"), OnnxProto.Attribute("v_quant_type", "PER_CHANNEL"), OnnxProto.Attribute(BitWidth, bits) }
            .Select(static attribute => ProtoField.Of(OnnxProto.NodeAttribute, attribute)));
        return node;
    }

    private static ProtoMessage Scale(string owner, KvCalibration calibration, float largest)
    {
        if (!calibration.AbsMax.TryGetValue(owner, out var absMax))
        {
            throw new InvalidDataException($"its cache \"{owner}\" was not calibrated");
        }

        var values = Array.ConvertAll(absMax.Values, value => Math.Max(value / largest, LeastScale));
        return OnnxProto.Tensor(owner + ".scale", values, 1, absMax.Heads, 1, values.Length / absMax.Heads);
    }

    private static void SetTypes(ProtoMessage graph, HashSet<string> caches, int type)
    {
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            var field = graph.Fields[i];
            if (field.Number is OnnxProto.GraphInput or OnnxProto.GraphOutput && field.Message is var value && caches.Contains(value.Text(OnnxProto.ValueName)))
            {
                var (_, shape) = OnnxProto.TypeOf(value);
                shape[^1] = type == OnnxProto.Uint8 && shape[^1] > 0 ? shape[^1] / 2 : shape[^1]; // two int4 values to a byte
                graph.Fields[i] = ProtoField.Of(field.Number, OnnxProto.Value(value.Text(OnnxProto.ValueName), type, shape));
            }
        }

        graph.Fields.RemoveAll(static field => field.Number == OnnxProto.GraphValueInfo); // for information only, and partly wrong now
    }
}
