using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>The keys of one KV cache in a graph, and all attention that reads or writes them.</summary>
internal sealed class KeyCache
{
    private const int QueryInput = 0;
    private const int KeyInput = 1;
    private const int PastInput = 3;
    private const int PresentOutput = 1;
    private const int CosineInput = 7;
    private const int FirstNormInput = 14;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<GraphNode> _attention = [];

    private KeyCache()
    {
    }

    /// <summary>Finds the caches of a graph.</summary>
    public static IReadOnlyList<KeyCache> Find(GraphIndex graph)
    {
        var caches = new List<KeyCache>();
        foreach (var node in graph.Nodes.Where(static node => node.Operator == "GroupQueryAttention"))
        {
            // a layer that shares another's cache has that one's present as its past
            var names = node.Inputs.Skip(PastInput).Take(1).Concat(node.Outputs.Skip(PresentOutput).Take(1)).Where(static name => name.Length > 0).ToArray();
            var cache = caches.Find(cache => names.Any(cache._names.Contains));
            if (cache is null)
            {
                caches.Add(cache = new KeyCache());
            }

            cache._names.UnionWith(names);
            cache._attention.Add(node);
        }

        return caches;
    }

    /// <summary>Finds the norms that alone make the cache's keys and the queries that meet them.</summary>
    /// <returns>Null when something else makes or reads one of them.</returns>
    public KeyNorms? TryFindNorms(GraphIndex graph)
    {
        if (_attention.Exists(NormsInside) || !_names.All(name => graph.ReadersOf(name).All(IsOurs)) || TryFindWidth(graph) is not { } width || TryPair(graph, width) is not { } partnerOf)
        {
            return null;
        }

        var (keys, queries) = (new Dictionary<int, Norm>(), new Dictionary<int, Norm>()); // by field of the graph
        foreach (var node in _attention)
        {
            if (TryFindNorm(graph, node.Inputs[QueryInput], QueryInput, width) is not { } query)
            {
                return null;
            }

            queries[query.Node.Field] = query;
            if (IsNothing(graph, node.Inputs[KeyInput]))
            {
                continue;
            }

            if (TryFindNorm(graph, node.Inputs[KeyInput], KeyInput, width) is not { } key)
            {
                return null;
            }

            keys[key.Node.Field] = key;
        }

        return keys.Count == 1 ? new KeyNorms(keys.Values.Single(), [.. queries.Values], partnerOf) : null;
    }

    // Their shape may be read by anybody.
    private bool IsOurs((GraphNode Node, int Input) reader) => reader.Node.Operator == "Shape" || (reader.Input == PastInput && _attention.Contains(reader.Node));

    // Norms of its own would undo what is done before them.
    private static bool NormsInside(GraphNode node) => node.Inputs.Skip(FirstNormInput).Any(static name => name.Length > 0);

    private int? TryFindWidth(GraphIndex graph) =>
        _names.Select(graph.Input).OfType<ProtoMessage>().Select(OnnxProto.TypeOf).FirstOrDefault().Shape is [.., > 0 and <= 1 << 16 and var width] ? (int)width : null;

    // The cache of cosines is half as wide as what is turned; what lies beyond goes by itself.
    private int[]? TryPair(GraphIndex graph, int width)
    {
        var kinds = _attention.Select(node => node.Integer("do_rotary") == 0 ? (0L, 0L) : (2 * CosinesOf(node), node.Integer("rotary_interleaved"))).Distinct().ToArray();
        if (kinds is not [var (turned, interleaved)] || turned < 0 || turned > width)
        {
            return null;
        }

        var half = (int)turned / 2;
        return [.. Enumerable.Range(0, width).Select(i => i >= turned ? i : interleaved != 0 ? i ^ 1 : i < half ? i + half : i - half)];

        long CosinesOf(GraphNode node) =>
            node.Inputs.ElementAtOrDefault(CosineInput) is { } name && graph.WeightOf(name) is var (cosines, _) && WeightTensor.ShapeOf(cosines) is [_, var wide] ? wide : -1;
    }

    // The key of a layer that has none of its own: zeros, or no rows.
    private static bool IsNothing(GraphIndex graph, string name) =>
        graph.Initializer(name) is { } constant ? WeightTensor.ShapeOf(constant).Contains(0)
        : graph.MakerOf(name) is { Operator: "ConstantOfShape" } maker
            && (maker.Attribute("value") is not { } value || value.Last(5)?.Message.Last(9) is { } bytes && bytes.Bytes.Span.IndexOfAnyExcept((byte)0) < 0);

    // Reshaping keeps values in their order, so that a channel is the place of a value modulo the width of a head on the whole way.
    private Norm? TryFindNorm(GraphIndex graph, string name, int attentionInput, int width)
    {
        while (graph.MakerOf(name) is { } maker)
        {
            if (KeepsOrder(maker))
            {
                name = maker.Inputs[0];
                continue;
            }

            // a norm that is written out ends in the product with its weight
            var weightInput = maker.Operator switch
            {
                "SimplifiedLayerNormalization" or "RMSNormalization" => 1,
                "Mul" => graph.WeightOf(maker.Inputs[0]) is null ? 1 : 0,
                _ => -1,
            };
            return weightInput >= 0 && maker.Inputs.Length == 2 && graph.WeightOf(maker.Inputs[weightInput]) is var (weight, type) && WeightTensor.ShapeOf(weight) is [.., var size] && size == width
                && IsReadOnlyAs(graph, maker.Outputs[0], attentionInput)
                ? new Norm(maker, weightInput, weight, type) : null;
        }

        return null;
    }

    private bool IsReadOnlyAs(GraphIndex graph, string name, int attentionInput) => !graph.IsOutput(name) && graph.ReadersOf(name).All(reader =>
        reader.Node.Operator == "Shape"
        || (reader.Input == attentionInput && _attention.Contains(reader.Node))
        || (reader.Input == 0 && KeepsOrder(reader.Node) && IsReadOnlyAs(graph, reader.Node.Outputs[0], attentionInput)));

    private static bool KeepsOrder(GraphNode node) => node.Operator is "Reshape" or "Cast" or "Identity";
}
