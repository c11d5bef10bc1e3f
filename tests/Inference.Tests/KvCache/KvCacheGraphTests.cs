using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Scoring;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.KvCache;

/// <summary>Graphs whose KV cache is stored otherwise as they are loaded: a shipped one, and random ones of Gemma 4's shape with layers of two
/// widths, two of which share the cache of another.</summary>
public sealed class KvCacheGraphTests
{
    private const string TinyExternal = "one graph, weights in a file of their own";
    private const int SteppedTokens = 24;

    private static readonly int[] _tokens = ScorerModels.Tokens(80, seed: 3);

    [Theory]
    [InlineData(ScorerModels.Shipped, nameof(KvCachePrecision.Int8), 4, 0.1)]
    [InlineData(ScorerModels.Tiny, nameof(KvCachePrecision.Int8), 4, 0.3)]
    [InlineData(ScorerModels.TinyHalf, nameof(KvCachePrecision.Int8), 2, 0.3)]
    [InlineData(TinyExternal, nameof(KvCachePrecision.Int8), 4, 0.3)]
    [InlineData(ScorerModels.Shipped, nameof(KvCachePrecision.Int4), 8, 2)]
    [InlineData(ScorerModels.Tiny, nameof(KvCachePrecision.Int4), 8, 4)]
    [InlineData(TinyExternal, nameof(KvCachePrecision.Int4), 8, 4)]
    public void Prepare_AQuantisedCache_IsSmallerAndNearThePlainOne(string model, string precision, int times, double meanDifference)
    {
        using var folder = Write(model);
        var shipped = KvCacheLayout.Read(folder.File("model.onnx")).Precision;
        var plain = Prepare(folder, KvCachePrecision.None);
        var quantised = Prepare(folder, Enum.Parse<KvCachePrecision>(precision));

        var difference = MeanDifference(folder, plain, quantised);

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}, {precision}: mean difference of logits {difference:E2}");
        Assert.Equal(plain.Layout.BytesPerToken, quantised.Layout.BytesPerToken * times);
        Assert.Equal((precision, plain.Layout.Layers), (quantised.Layout.Precision.ToString(), quantised.Layout.Layers));
        Assert.InRange(difference, 1e-9, meanDifference);
        Assert.Equal(Enum.Parse<KvCachePrecision>(precision) != shipped, File.Exists(folder.File(KvCalibration.FileName)));
    }

    [Theory]
    [InlineData(ScorerModels.Shipped, 672, 0.1)] // 640 values and 8 scales
    [InlineData(ScorerModels.Tiny, 312, 0.3)]
    [InlineData(ScorerModels.TinyHalf, 312, 0.3)]
    [InlineData(TinyExternal, 312, 0.3)]
    public void Load_AScaleForEveryTokenAndHead_IsSmallAndNearThePlainOne(string model, int bytesPerToken, double meanDifference)
    {
        using var folder = Write(model);
        using var plain = GenerationModel.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance, KvCachePrecision.None);
        using var quantised = GenerationModel.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance, KvCachePrecision.Int8PerTokenHead);

        var difference = StepDifference(plain, quantised);

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: mean difference of logits {difference:E2}");
        Assert.Equal(new KvCacheLayout(bytesPerToken, KvCachePrecision.Int8PerTokenHead, plain.KvCache.Layers), quantised.KvCache);
        Assert.InRange(difference, 1e-9, meanDifference);
        Assert.False(File.Exists(folder.File(KvCalibration.FileName)) && model != ScorerModels.Shipped);
    }

    [Theory]
    [InlineData(ScorerModels.Tiny)]
    [InlineData(ScorerModels.TinyHalf)]
    public void Apply_ThenRemove_IsThePlainGraphAgain(string model)
    {
        using var folder = Write(model);
        var quantised = Prepare(folder, KvCachePrecision.Int8);
        using var plain = new PlainDecoder(File.ReadAllBytes(folder.File("model.onnx")), folder.File("model.onnx"));
        File.WriteAllBytes(folder.File("quantised.onnx"), quantised.Edited!);
        using var back = new PlainDecoder(OnnxGraph.Edit(folder.File("quantised.onnx"), StaticKvScales.Remove), folder.File("model.onnx"));

        Assert.Equal(plain.Append(_tokens), back.Append(_tokens));
    }

    [Theory]
    [InlineData(ScorerModels.Shipped, nameof(KvCachePrecision.Int4))]
    [InlineData(ScorerModels.Shipped, nameof(KvCachePrecision.None))]
    [InlineData(TinyExternal, nameof(KvCachePrecision.Int8))]
    [InlineData(TinyExternal, nameof(KvCachePrecision.None))]
    public void Load_ACacheThatTheFileDoesNotHave_GeneratesWhatTheGraphSays(string model, string precision)
    {
        using var folder = Write(model);
        var wanted = Enum.Parse<KvCachePrecision>(precision);
        var graph = Prepare(folder, wanted);
        using var decoder = new PlainDecoder(graph.Edited ?? File.ReadAllBytes(folder.File("model.onnx")), folder.File("model.onnx"));
        using var generation = GenerationModel.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance, wanted);

        var expected = new List<int>();
        for (var logits = decoder.Append(_tokens); expected.Count < SteppedTokens; logits = decoder.Append(expected[^1]))
        {
            expected.Add(TensorPrimitives.IndexOfMax<float>(logits));
        }

        Assert.Equal((graph.Layout.BytesPerToken, wanted), (generation.KvCache.BytesPerToken, generation.KvCache.Precision));
        Assert.Equal(expected, Generate(generation));
    }

    [Fact]
    public void Apply_WideHeadsLeftAlone_IsAMixedCacheNearThePlainOne()
    {
        using var folder = Write(ScorerModels.Tiny); // heads of 16 and of 32
        var plain = Prepare(folder, KvCachePrecision.None);
        var quantised = Prepare(folder, KvCachePrecision.Int8);
        var calibration = KvCalibrator.Calibrate(DecoderFiles.Find(folder.Path, isCuda: false), BpeTokenizer.Load(folder.File("tokenizer.json")), DecoderConfig.Load(folder.Path), KvCacheGraph.CalibrationText(), null, TestContext.Current.CancellationToken);
        var mixed = OnnxGraph.Edit(folder.File("model.onnx"), graph => StaticKvScales.Apply(graph, calibration, KvCachePrecision.Int8, widestHead: 16));
        using var one = new PlainDecoder(File.ReadAllBytes(folder.File("model.onnx")), folder.File("model.onnx"));
        using var other = new PlainDecoder(mixed, folder.File("model.onnx"));

        var difference = one.Append(_tokens).Zip(other.Append(_tokens), static (a, b) => Math.Abs(a - b)).Average();

        Assert.InRange(difference, 1e-9, 0.3);
        Assert.InRange(KvCacheLayout.Read(mixed).BytesPerToken, quantised.Layout.BytesPerToken + 1, plain.Layout.BytesPerToken - 1);
        Assert.Equal(KvCachePrecision.Int8, KvCacheLayout.Read(mixed).Precision);
    }

    [Theory]
    [InlineData(4, false, false, nameof(KvCachePrecision.None))]
    [InlineData(4, false, true, nameof(KvCachePrecision.Int8))]
    [InlineData(4, true, true, nameof(KvCachePrecision.Int8))]
    [InlineData(8, false, true, nameof(KvCachePrecision.None))]
    [InlineData(8, false, false, nameof(KvCachePrecision.Int8))]
    public void Load_PackedWeights_SaysWhatTheirFloatValuesSay(int bits, bool half, bool split, string precision)
    {
        using var packed = new TinyGemma(split: split, half: half, bits: bits, packed: true, external: split).Write();
        using var floats = new TinyGemma(half: half, bits: bits).Write();
        var wanted = Enum.Parse<KvCachePrecision>(precision);
        using var one = GenerationModel.Load(packed.Path, DevicePreference.Cpu, NullLogger.Instance, wanted);
        using var other = GenerationModel.Load(floats.Path, DevicePreference.Cpu, NullLogger.Instance, wanted);
        using var sequence = new KvSequence(one.Decoder, 200);
        using var expected = new KvSequence(other.Decoder, 200);

        var difference = sequence.Append(_tokens).ToArray().Zip(expected.Append(_tokens).ToArray(), static (a, b) => Math.Abs(a - b)).Max();

        TestContext.Current.TestOutputHelper?.WriteLine($"{bits} bits: {difference:E1}");
        // ONNX Runtime multiplies matrices of 8 bits with activations that it rounds to 8 bits too; float16 adds in another order.
        var isExact = bits == 4 && !half;
        Assert.InRange(difference, 0, isExact ? 1e-3 : 1);
        Assert.True(!isExact || Generate(one).SequenceEqual(Generate(other)));
    }

    [Theory]
    [InlineData(ScorerModels.TinySplit, nameof(KvCachePrecision.None))]
    [InlineData(ScorerModels.TinySplitFlat, nameof(KvCachePrecision.Int8))]
    [InlineData(ScorerModels.TinySplitExternal, nameof(KvCachePrecision.Int8))]
    [InlineData(ScorerModels.TinySplitExternal, nameof(KvCachePrecision.Int4))]
    [InlineData(ScorerModels.TinySplitExternal, nameof(KvCachePrecision.Int8PerTokenHead))]
    public void Load_TwoGraphs_GeneratesWhatOneDoes(string model, string precision)
    {
        using var folder = ScorerModels.Write(model); // and no genai_config.json
        using var single = ScorerModels.Write(ScorerModels.Tiny);
        var wanted = Enum.Parse<KvCachePrecision>(precision);
        using var two = GenerationModel.Load(folder.Path, DevicePreference.Cpu, NullLogger.Instance, wanted);
        using var one = GenerationModel.Load(single.Path, DevicePreference.Cpu, NullLogger.Instance, wanted);

        Assert.Equal((one.KvCache, wanted), (two.KvCache, two.KvCache.Precision));
        Assert.Equal(Generate(one), Generate(two));
    }

    [Fact]
    public void Prepare_ACalibrationOfThisModel_IsUsedAndOneOfAnotherIsNot()
    {
        using var folder = Write(ScorerModels.Tiny);
        Prepare(folder, KvCachePrecision.Int8);
        var written = File.GetLastWriteTimeUtc(folder.File(KvCalibration.FileName));

        Prepare(folder, KvCachePrecision.Int4);
        var used = File.GetLastWriteTimeUtc(folder.File(KvCalibration.FileName)) == written;
        var calibration = File.ReadAllText(folder.File(KvCalibration.FileName));
        File.WriteAllText(folder.File(KvCalibration.FileName), calibration.Replace("\"modelHash\":\"", "\"modelHash\":\"0", StringComparison.Ordinal));
        Prepare(folder, KvCachePrecision.Int8);

        Assert.True(used);
        Assert.Equal(calibration, File.ReadAllText(folder.File(KvCalibration.FileName))); // made anew, and the same
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"modelHash":"x","tokens":1,"absMax":{"a":{"heads":0,"values":[1]}}}""")]
    [InlineData("""{"modelHash":"x","tokens":1,"absMax":{"a":{"heads":2,"values":[1,2,3]}}}""")]
    [InlineData("""{"modelHash":"x","tokens":1,"absMax":{"a":null}}""")]
    [InlineData("""{"modelHash":"x","tok""")]
    public void TryRead_WhatIsNoCalibration_IsNull(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(KvCalibration.FileName), json);

        Assert.Null(KvCalibration.TryRead(folder.Path, "x"));
    }

    [Fact]
    public void Prepare_AGraphWithoutAttention_SaysSo()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in new[] { "tokenizer.json", "genai_config.json" })
        {
            File.Copy(Path.Combine(Repository.Model("sample-coding"), file), folder.File(file));
        }

        File.Copy(Path.Combine(Repository.Model("router-nano"), "model.onnx"), folder.File("model.onnx"));

        var fault = Assert.Throws<ModelFolderException>(() => Prepare(folder, KvCachePrecision.Int8));

        Assert.Contains("it has no inputs \"past_key_values...\"", fault.Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Write(string model)
    {
        var folder = model == TinyExternal ? new TinyGemma(external: true).Write() : ScorerModels.Write(model);
        if (model != ScorerModels.Shipped)
        {
            File.Copy(Path.Combine(Repository.Model("sample-coding"), "genai_config.json"), folder.File("genai_config.json")); // it owns as many caches
        }

        return folder;
    }

    private static KvCacheGraph Prepare(TemporaryFolder folder, KvCachePrecision wanted) =>
        KvCacheGraph.Prepare(folder.Path, DecoderFiles.Find(folder.Path, isCuda: false), DecoderConfig.Load(folder.Path), BpeTokenizer.Load(folder.File("tokenizer.json")), wanted, NullLogger.Instance);

    private static double MeanDifference(TemporaryFolder folder, KvCacheGraph first, KvCacheGraph second)
    {
        var modelPath = folder.File("model.onnx");
        using var one = new PlainDecoder(first.Edited ?? File.ReadAllBytes(modelPath), modelPath);
        using var other = new PlainDecoder(second.Edited ?? File.ReadAllBytes(modelPath), modelPath);
        one.Append(_tokens);
        other.Append(_tokens);
        return _tokens.Take(SteppedTokens).Average(token => one.Append(token).Zip(other.Append(token), static (a, b) => Math.Abs(a - b)).Average());
    }

    private static double StepDifference(GenerationModel first, GenerationModel second)
    {
        using var one = new KvSequence(first.Decoder, _tokens.Length + SteppedTokens);
        using var other = new KvSequence(second.Decoder, _tokens.Length + SteppedTokens);
        one.Append(_tokens);
        other.Append(_tokens);
        return _tokens.Take(SteppedTokens).Average(token => one.Append([token]).ToArray().Zip(other.Append([token]).ToArray(), static (a, b) => Math.Abs(a - b)).Average());
    }

    private static List<int> Generate(GenerationModel model)
    {
        using var sequence = new KvSequence(model.Decoder, _tokens.Length + SteppedTokens);
        var tokens = new List<int>();
        for (var logits = sequence.Append(_tokens); tokens.Count < SteppedTokens; logits = sequence.Append([tokens[^1]]))
        {
            tokens.Add(TensorPrimitives.IndexOfMax<float>(logits));
        }

        return tokens;
    }
}
