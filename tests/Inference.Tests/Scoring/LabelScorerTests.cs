using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Scoring;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Scoring;

public sealed class LabelScorerTests
{
    private static readonly int[] _labels = [.. Enumerable.Range(400, 26)];

    [Theory]
    [InlineData(ScorerModels.Shipped, 1e-5f)] // of logits that span 60
    [InlineData(ScorerModels.Tiny, 5e-5f)]
    [InlineData(ScorerModels.TinyHalf, 0.2f)] // the order of sums differs with the shape of a run
    [InlineData(ScorerModels.TinySplit, 5e-5f)]
    [InlineData(ScorerModels.TinySplitFlat, 5e-5f)]
    [InlineData(ScorerModels.TinySplitExternal, 5e-5f)]
    public void Score_OverAnExactPrefix_IsAFullPrefill(string model, float tolerance)
    {
        using var folder = ScorerModels.Write(model);
        using var scorer = Load(folder, PrefixPrecision.Exact);
        var worst = Differences(scorer, scorer, samples: 12).Max();

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: max logit difference {worst:E1}");
        Assert.True(worst <= tolerance, $"max difference {worst}");
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.Tiny)]
    [InlineData(ScorerModels.TinyHalf)]
    [InlineData(ScorerModels.TinySplit)]
    [InlineData(ScorerModels.TinySplitFlat)]
    [InlineData(ScorerModels.TinySplitExternal)]
    public void Score_OverAQuantisedPrefix_IsNearAFullPrefill(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var exact = Load(folder, PrefixPrecision.Exact);
        using var quantised = Load(folder, PrefixPrecision.Quantised);
        var differences = Differences(exact, quantised, samples: 24);

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: logit difference max {differences.Max():F3}, mean {differences.Average():F4}");
        Assert.InRange(differences.Max(), 1e-6f, 1); // not zero: it is quantised; logits span 60
        Assert.True(differences.Average() < 0.1, $"mean difference {differences.Average()}");
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.Tiny)]
    public void Prefill_Quantised_TakesAboutAQuarter(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var exact = Load(folder, PrefixPrecision.Exact);
        using var quantised = Load(folder, PrefixPrecision.Quantised);
        var tokens = ScorerModels.Tokens(512, 1);

        using var full = exact.Prefill(tokens);
        using var small = quantised.Prefill(tokens);

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: 512 tokens take {full.KvBytes} bytes as float32, {small.KvBytes} as int8 ({(double)small.KvBytes / full.KvBytes:P1})");
        Assert.InRange((double)small.KvBytes / full.KvBytes, 0.25, 0.32); // a scale of 4 bytes for 16 to 128 values
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.TinySplit)]
    public async Task Score_By64AtOnce_IsAsOneByOne(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var scorer = Load(folder, PrefixPrecision.Quantised);
        using var prefix = scorer.Prefill(ScorerModels.Tokens(200, 1));
        var texts = Enumerable.Range(0, 64).Select(static i => ScorerModels.Tokens(5 + i, 100 + i)).ToArray();
        var alone = texts.Select(text => Score(scorer, prefix, text)).ToArray();
        using var start = new Barrier(texts.Length);

        var together = await Task.WhenAll(texts.Select(text => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Score(scorer, prefix, text);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Score_WithAnotherModelsPrefix_IsRefused()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var scorer = Load(folder, PrefixPrecision.Quantised);
        using var other = Load(folder, PrefixPrecision.Quantised);
        using var prefix = other.Prefill([2, 500]);

        Assert.Throws<ArgumentException>(() => Score(scorer, prefix, [500]));
    }

    [Fact]
    public void Score_MoreThanTheContext_IsRefused()
    {
        using var folder = ScorerModels.Write(ScorerModels.Shipped);
        using var scorer = Load(folder, PrefixPrecision.Quantised);
        using var prefix = scorer.Prefill(ScorerModels.Tokens(2000, 1));

        Assert.Equal(2048, scorer.ContextTokens);
        Assert.Throws<ArgumentException>(() => Score(scorer, prefix, ScorerModels.Tokens(49, 2)));
        Assert.Throws<ArgumentException>(() => Score(scorer, prefix, []));
    }

    [Theory]
    [InlineData("router-nano")]
    public void Load_AnEmbeddingModel_NamesTheFile(string model)
    {
        using var folder = TemporaryFolder.CopyOf(model);

        var exception = Assert.Throws<ModelFolderException>(() => Load(folder, PrefixPrecision.Quantised));

        Assert.Equal("model.onnx", exception.File);
    }

    [Fact]
    public void Load_WithoutADecoder_SaysWhatWasLookedFor()
    {
        using var folder = ScorerModels.Write(ScorerModels.TinySplit);
        File.Delete(folder.File("onnx/embed_tokens_q4.onnx"));

        var exception = Assert.Throws<ModelFolderException>(() => Load(folder, PrefixPrecision.Quantised));

        Assert.Contains("embed_tokens", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PerLayerInputsThatNobodyMakes_SaysSo()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        Save(folder, OnnxProto.Message(
            ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value("input_ids", OnnxProto.Int64, 1, -1)),
            ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value("per_layer_inputs", OnnxProto.Float, 1, -1, 4)),
            ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node("Identity", ["per_layer_inputs"], ["logits"])),
            ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value("logits", OnnxProto.Float, 1, -1, 4))));

        var exception = Assert.Throws<ModelFolderException>(() => Load(folder, PrefixPrecision.Exact));

        Assert.Contains("it takes \"per_layer_inputs\", and there is no graph that makes it", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnInitializerTwice_NamesTheFile()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        var twice = ProtoField.Of(OnnxProto.GraphInitializer, OnnxProto.Tensor("w", [1L]));
        Save(folder, OnnxProto.Message(twice, twice));

        Assert.Equal("model.onnx", Assert.Throws<ModelFolderException>(() => Load(folder, PrefixPrecision.Quantised)).File);
    }

    [Fact]
    public void Load_AttentionWithTooFewInputs_NamesTheFile()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        Save(folder, OnnxProto.Message(ProtoField.Of(
            OnnxProto.GraphNode, OnnxProto.Node("GroupQueryAttention", ["q", "k", "v"], ["y"], "com.microsoft", OnnxProto.Attribute("kv_cache_bit_width", 8)))));

        Assert.Equal("model.onnx", Assert.Throws<ModelFolderException>(() => Load(folder, PrefixPrecision.Quantised)).File);
    }

    [Fact]
    public void Load_CudaDemandedInVain_NamesTheFolder()
    {
        if (System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            Assert.Skip("needs a machine without a GPU");
        }

        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var scorer = LabelScorer.Load(folder.Path, DevicePreference.Auto, NullLogger.Instance);

        var exception = Assert.Throws<DeviceUnavailableException>(() => LabelScorer.Load(folder.Path, DevicePreference.Cuda, NullLogger.Instance));

        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.Equal("cpu", scorer.Device);
    }

    [Fact]
    [Trait("Needs", "Gpu")]
    public void Score_OnCuda_IsNearTheCpu()
    {
        if (!System.Runtime.InteropServices.NativeLibrary.TryLoad("libcuda.so.1", out _))
        {
            Assert.Skip("needs a GPU and its driver");
        }

        using var folder = ScorerModels.Write(ScorerModels.TinyHalf); // GroupQueryAttention on CUDA takes float16 only
        using var cpu = Load(folder, PrefixPrecision.Exact);
        using var cuda = LabelScorer.Load(folder.Path, DevicePreference.Cuda, NullLogger.Instance);

        Assert.True(Differences(cpu, cuda, samples: 4).Max() < 1);
    }

    private static void Save(TemporaryFolder folder, ProtoMessage graph) => File.WriteAllBytes(folder.File("model.onnx"), OnnxProto.Model(graph).ToBytes());

    private static LabelScorer Load(TemporaryFolder folder, PrefixPrecision precision) =>
        LabelScorer.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance, precision);

    // By how much logits over a prefix of one scorer differ from those of one run of the other over all tokens.
    private static List<float> Differences(LabelScorer full, LabelScorer scorer, int samples)
    {
        var differences = new List<float>();
        var tokens = ScorerModels.Tokens(300, 1);
        using var nothing = full.CreateEmptyPrefix();
        using var prefix = scorer.Prefill(tokens);
        for (var i = 0; i < samples; i++)
        {
            var text = ScorerModels.Tokens(1 + (i * 7), 10 + i);
            var expected = Score(full, nothing, [.. tokens, .. text]);
            var actual = Score(scorer, prefix, text);
            differences.AddRange(expected.Zip(actual, static (a, b) => Math.Abs(a - b)));
        }

        return differences;
    }

    private static float[] Score(LabelScorer scorer, LabelPrefix prefix, int[] text)
    {
        var logits = new float[_labels.Length];
        scorer.Score(prefix, text, _labels, logits);
        return logits;
    }
}
