using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>Makes the channels of a decoder's keys equally large: a factor of each channel goes from the norm of the keys over to the norms of
/// the queries that meet them.</summary>
/// <remarks>
/// A key is the weight of its norm times something of length one, so that a few large weights set the step of all channels when keys are
/// quantised with one scale for every token and head. Scores are sums of products of a key's and a query's channels, and stay what they were
/// when one is divided and the other multiplied by a number. Rotary embeddings turn channels in pairs; both of a pair get the same number.
/// Static scales are fixed for every channel: to them this makes no difference.
/// </remarks>
internal static partial class OutlierFold
{
    // Of the largest channel to the smallest. Below it (1.1 to 1.3 in the samples that ship) what it gains is less than can be measured.
    private const float LeastRatio = 1.5f;

    /// <summary>Edits the graph; a cache whose keys or queries are made in a way that is not known is left alone.</summary>
    /// <param name="graph">Of a decoder whose cache is not quantised.</param>
    /// <param name="modelPath">Its file, beside which its external data lies.</param>
    /// <param name="logger">Receives the number of caches.</param>
    /// <returns>How many caches were changed.</returns>
    public static int Apply(ProtoMessage graph, string modelPath, ILogger logger)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(modelPath))!;
        var index = new GraphIndex(graph);
        var folded = KeyCache.Find(index).Count(cache => cache.TryFindNorms(index) is { } norms && TryFold(graph, norms, folder));
        if (folded > 0)
        {
            LogFolded(logger, modelPath, folded);
        }

        return folded;
    }

    private static bool TryFold(ProtoMessage graph, KeyNorms norms, string folder)
    {
        var width = norms.PartnerOf.Length;
        if (WeightTensor.TryRead(norms.Key.Weight, folder, width) is not { } key || Factors(key, norms.PartnerOf) is not { } factors)
        {
            return false;
        }

        var weights = new List<(Norm Norm, ProtoMessage Weight)>();
        foreach (var norm in norms.Queries.Prepend(norms.Key))
        {
            var isKey = norm == norms.Key;
            var values = isKey ? key : WeightTensor.TryRead(norm.Weight, folder, width);
            var name = norm.Node.Outputs[0] + ".folded";
            if (values is null || WeightTensor.TryCreate(name, norm.Type, WeightTensor.ShapeOf(norm.Weight), [.. values.Zip(factors, (value, factor) => isKey ? value / factor : value * factor)]) is not { } weight)
            {
                return false;
            }

            weights.Add((norm, weight));
        }

        foreach (var (norm, weight) in weights)
        {
            var node = norm.Node.Message;
            var field = node.Fields.Index().Where(static field => field.Item.Number == OnnxProto.NodeInput).ElementAt(norm.WeightInput).Index;
            node.Fields[field] = ProtoField.Of(OnnxProto.NodeInput, weight.Text(OnnxProto.TensorName));
            graph.Fields[norm.Node.Field] = ProtoField.Of(OnnxProto.GraphNode, node);
            graph.Fields.Add(ProtoField.Of(OnnxProto.GraphInitializer, weight)); // at the end: nodes stay where they are
        }

        return true;
    }

    // What a key is to be divided by: the size of the larger channel of a pair, about one on average. Null when they are near each other.
    private static float[]? Factors(float[] weights, int[] partnerOf)
    {
        var sizes = new double[weights.Length];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = Math.Max(Math.Abs(weights[i]), Math.Abs(weights[partnerOf[i]]));
        }

        var used = sizes.Where(static size => size > 0).ToArray();
        if (used.Length == 0 || !double.IsFinite(used.Sum()) || used.Max() < LeastRatio * used.Min())
        {
            return null;
        }

        var mean = Math.Exp(used.Average(Math.Log));
        return Array.ConvertAll(sizes, size => size > 0 ? (float)(size / mean) : 1);
    }

    [LoggerMessage(EventId = 3053, Level = LogLevel.Information, Message = "{ModelPath}: the keys of {Caches} KV caches are made equally large as they are read, so that int8 with a scale for every token and head loses less")]
    private static partial void LogFolded(ILogger logger, string modelPath, int caches);
}
