using System.Numerics.Tensors;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.KvCache;

public sealed class QuantisedKvCacheTests
{
    private const int AnswerTokens = 48;

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public void Logits_WithAFloatCache_AreThoseOfPyTorch(string model)
    {
        using var decoder = new PlainDecoder(Plain(model), ModelFile(model));
        var worst = 0f;

        foreach (var prompt in ReferenceFile.Load(model).Prompts!)
        {
            decoder.Restart();
            var logits = decoder.Append(prompt.Ids);
            for (var i = 0; i < prompt.TopIds.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(logits[prompt.TopIds[i]] - prompt.TopLogits[i]));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: max logit difference {worst:E1}");
        Assert.True(worst < 1e-3f, $"max difference {worst}");
    }

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public void Top1_WithTheShippedInt8Cache_AgreesWithTheFloatCache(string model)
    {
        using var exact = new PlainDecoder(Plain(model), ModelFile(model));
        using var shipped = new PlainDecoder(File.ReadAllBytes(ModelFile(model)), ModelFile(model));
        var (positions, agreed) = (0, 0);

        foreach (var prompt in ReferenceFile.Load(model).Prompts!)
        {
            exact.Restart();
            shipped.Restart();
            var next = prompt.Ids; // then token by token what the exact one says
            for (var i = 0; i < AnswerTokens; i++)
            {
                var token = TensorPrimitives.IndexOfMax<float>(exact.Append(next));
                agreed += TensorPrimitives.IndexOfMax<float>(shipped.Append(next)) == token ? 1 : 0;
                positions++;
                next = [token];
            }
        }

        var agreement = (double)agreed / positions;
        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: int8 KV top-1 agreement {agreement:P2} of {positions} positions");
        Assert.True(agreement >= 0.95, $"top-1 agreement {agreement:P2}");
    }

    [Theory]
    [InlineData("sample-coding")]
    [InlineData("sample-reasoning")]
    public void Read_AShippedModel_IsInt8AndAQuarterOfFloat(string model)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), Plain(model));

        var shipped = KvCacheLayout.Read(ModelFile(model));
        var exact = KvCacheLayout.Read(folder.File("model.onnx"));

        Assert.Equal(KvCachePrecision.Int8, shipped.Precision);
        Assert.Equal(KvCachePrecision.None, exact.Precision);
        Assert.Equal(exact.BytesPerToken, shipped.BytesPerToken * 4);
        Assert.Equal(exact.Layers, shipped.Layers);
        TestContext.Current.TestOutputHelper?.WriteLine($"{model}: {shipped.BytesPerToken} bytes per token in {shipped.Layers} layers");
    }

    [Fact]
    public void Read_AnEmbeddingModel_IsRefused()
    {
        var exception = Assert.Throws<InvalidDataException>(() => KvCacheLayout.Read(ModelFile("router-nano")));

        Assert.Contains("past_key_values", exception.Message, StringComparison.Ordinal);
    }

    private static byte[] Plain(string model) => OnnxGraph.Edit(ModelFile(model), StaticKvScales.Remove);

    private static string ModelFile(string model) => Path.Combine(Repository.Model(model), "model.onnx");
}
