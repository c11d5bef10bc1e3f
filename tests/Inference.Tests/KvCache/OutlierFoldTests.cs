using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Scoring;
using RouterGateway.Inference.Tests.Scoring;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.KvCache;

/// <summary>Random models of Gemma 4's shape whose key norms have outliers: layers of two widths, two of which share the cache of another.</summary>
public sealed class OutlierFoldTests
{
    private const int Caches = 4;
    private static readonly int[] _labels = [.. Enumerable.Range(400, 200)];
    private static readonly int[] _tokens = ScorerModels.Tokens(200, seed: 5);

    [Theory]
    [InlineData("plain", 3e-4)] // of logits that span 60
    [InlineData("external", 3e-4)]
    [InlineData("written out", 3e-4)]
    [InlineData("half", 0.5)]
    public void Apply_AModelWithOutliers_GivesTheSameLogits(string kind, double tolerance)
    {
        using var folder = Model(kind).Write();
        var path = folder.File("model.onnx");
        var count = 0;
        var folded = OnnxGraph.Edit(path, graph => count = OutlierFold.Apply(graph, path, NullLogger.Instance));

        var difference = Differences(File.ReadAllBytes(path), folded, path).Max();

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: max difference of logits {difference:E1}");
        Assert.Equal(Caches, count);
        Assert.InRange(difference, 0, tolerance);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("half")]
    public void Apply_BeforeQuantising_LosesLess(string kind)
    {
        using var folder = Model(kind).Write();
        var after = PrefixDifference(folder.Path);
        File.WriteAllBytes(folder.File("model.onnx"), OnnxGraph.Edit(folder.File("model.onnx"), ReadQueries));
        var before = PrefixDifference(folder.Path);

        TestContext.Current.TestOutputHelper?.WriteLine($"{kind}: mean difference of logits over an int8 prefix {before:E2}, folded {after:E2}");
        Assert.InRange(after, 0, before / 1.5);
    }

    // Why it is not applied there.
    [Theory]
    [InlineData(nameof(KvCachePrecision.Int8))]
    [InlineData(nameof(KvCachePrecision.Int4))]
    public void Apply_BeforeStaticScales_MakesNoDifference(string precision)
    {
        using var folder = Model("plain").Write();
        var path = folder.File("model.onnx");
        File.Copy(Path.Combine(Repository.Model("sample-coding"), "genai_config.json"), folder.File("genai_config.json"));
        var plain = File.ReadAllBytes(path);
        var before = Differences(plain, Quantise(folder, precision), path).Average();

        File.WriteAllBytes(path, OnnxGraph.Edit(path, graph => OutlierFold.Apply(graph, path, NullLogger.Instance)));
        var after = Differences(plain, Quantise(folder, precision), path).Average();

        TestContext.Current.TestOutputHelper?.WriteLine($"{precision}, static: mean difference of logits {before:E2}, folded {after:E2}");
        Assert.InRange(after / before, 0.8, 1.25);
    }

    [Fact]
    public void Apply_WhatIsNotKnown_LeavesTheGraphAlone()
    {
        using var folder = Model("plain").Write();
        var path = folder.File("model.onnx");
        File.WriteAllBytes(path, OnnxGraph.Edit(path, ReadQueries));
        var count = -1;

        var edited = OnnxGraph.Edit(path, graph => count = OutlierFold.Apply(graph, path, NullLogger.Instance));

        Assert.Equal(0, count);
        Assert.Equal(File.ReadAllBytes(path), edited);
    }

    [Theory]
    [InlineData("router-nano")] // has no attention of this kind
    public void Apply_AModelOfAnotherKind_LeavesTheGraphAlone(string model)
    {
        var path = Path.Combine(Repository.Model(model), "model.onnx");

        var edited = OnnxGraph.Edit(path, graph => OutlierFold.Apply(graph, path, NullLogger.Instance));

        Assert.Equal(File.ReadAllBytes(path), edited);
    }

    [Fact]
    public void Apply_ExternalWeightsThatAreNotThere_LeavesTheGraphAlone()
    {
        using var folder = new TinyGemma(outliers: true, external: true).Write();
        var path = folder.File("model.onnx");
        var bytes = File.ReadAllBytes(path);
        File.Delete(path + "_data");

        var edited = OnnxGraph.Edit(path, graph => OutlierFold.Apply(graph, path, NullLogger.Instance));

        Assert.Equal(bytes, edited);
    }

    [Fact]
    public void Apply_AWeightThatAllNormsShare_GivesEachItsOwn()
    {
        using var folder = Model("plain").Write();
        var path = folder.File("model.onnx");
        File.WriteAllBytes(path, OnnxGraph.Edit(path, ShareKeyWeights));
        var count = 0;

        var edited = OnnxGraph.Edit(path, graph => count = OutlierFold.Apply(graph, path, NullLogger.Instance));

        Assert.Equal(Caches, count);
        Assert.InRange(Differences(File.ReadAllBytes(path), edited, path).Max(), 0, 0.05); // queries as large as keys make steep scores
    }

    private static TinyGemma Model(string kind) => kind switch
    {
        "plain" => new TinyGemma(outliers: true),
        "external" => new TinyGemma(outliers: true, external: true),
        "written out" => new TinyGemma(outliers: true, writtenOut: true),
        _ => new TinyGemma(outliers: true, half: true),
    };

    private static byte[] Quantise(TemporaryFolder folder, string precision) => KvCacheGraph.Prepare(
        folder.Path, DecoderFiles.Find(folder.Path, isCuda: false), DecoderConfig.Load(folder.Path), BpeTokenizer.Load(folder.File("tokenizer.json")), Enum.Parse<KvCachePrecision>(precision), NullLogger.Instance).Edited!;

    // By how much logits over an int8 prefix differ from those over an exact one.
    private static double PrefixDifference(string folder)
    {
        using var exact = LabelScorer.Load(folder, DevicePreference.Cpu, NullLogger.Instance, PrefixPrecision.Exact);
        using var quantised = LabelScorer.Load(folder, DevicePreference.Cpu, NullLogger.Instance);
        using var whole = exact.Prefill(_tokens);
        using var small = quantised.Prefill(_tokens);
        var (expected, actual) = (new float[_labels.Length], new float[_labels.Length]);
        return Enumerable.Range(0, 16).Average(i =>
        {
            var text = ScorerModels.Tokens(1 + (3 * i), 100 + i);
            exact.Score(whole, text, _labels, expected);
            quantised.Score(small, text, _labels, actual);
            return expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Average();
        });
    }

    // A graph that nothing is known about any more: somebody else reads the queries, too.
    private static void ReadQueries(ProtoMessage graph) => graph.Fields.AddRange(new GraphIndex(graph).Nodes
        .Where(static node => node.Operator == "GroupQueryAttention")
        .Select(static (node, i) => ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node("Neg", [node.Inputs[0]], [$"seen.{i}"]))));

    // Queries and keys of every layer have the weight of the first layer's keys of that width.
    private static void ShareKeyWeights(ProtoMessage graph)
    {
        var index = new GraphIndex(graph);
        var weights = new Dictionary<int, string>(); // by width
        foreach (var norms in KeyCache.Find(index).Select(cache => cache.TryFindNorms(index)!))
        {
            var weight = weights.TryAdd(norms.PartnerOf.Length, norms.Key.Node.Inputs[1]) ? norms.Key.Node.Inputs[1] : weights[norms.PartnerOf.Length];
            foreach (var node in norms.Queries.Append(norms.Key).Select(static norm => norm.Node))
            {
                node.Message.Fields[1] = ProtoField.Of(OnnxProto.NodeInput, weight);
                graph.Fields[node.Field] = ProtoField.Of(OnnxProto.GraphNode, node.Message);
            }
        }
    }

    private static double[] Differences(byte[] first, byte[] second, string path)
    {
        using var one = new PlainDecoder(first, path);
        using var other = new PlainDecoder(second, path);
        return [.. _tokens.Chunk(_tokens.Length / 20).SelectMany(tokens => one.Append(tokens).Zip(other.Append(tokens), static (a, b) => (double)Math.Abs(a - b)))];
    }
}
