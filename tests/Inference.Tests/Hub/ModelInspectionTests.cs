using RouterGateway.Inference.Hub;
using RouterGateway.Inference.Tests.Scoring;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Hub;

public sealed class ModelInspectionTests
{
    [Fact]
    public void Read_AShippedDecoder_TellsAll()
    {
        var model = ModelInspection.Read(Repository.Model("sample-coding"));

        Assert.Equal((ModelKind.Generation, 2048, 4096, true), (model.Kind, model.ContextTokens, model.VocabularySize, model.HasChatTemplate));
        Assert.Equal([1, 5], model.EndTokens);
        Assert.Equal((2560, 640, 320), model.KvBytesPerToken);
        Assert.Equal([new(0, 1, 64, "int8"), new(1, 1, 64, "int8"), new(2, 1, 64, "int8"), new(3, 1, 128, "int8")], model.KvLayers);
        Assert.Equal(["model.onnx"], model.Graphs);
        Assert.Empty(model.Missing);
        Assert.Null(model.Pulled);
    }

    [Fact]
    public void Read_TheShippedClassifier_IsAnEmbeddingModel()
    {
        var model = ModelInspection.Read(Repository.Model("router-nano"));

        Assert.Equal((ModelKind.Embedding, 512, 16384), (model.Kind, model.ContextTokens, model.VocabularySize));
        Assert.Null(model.KvBytesPerToken);
        Assert.Empty(model.Missing);
    }

    [Theory]
    [InlineData(ScorerModels.TinySplit, 0)]
    [InlineData(ScorerModels.TinySplitExternal, 2)]
    public void Read_TwoGraphs_TellsTheLayersThatOwnACache(string kind, int externalData)
    {
        using var folder = ScorerModels.Write(kind);

        var model = ModelInspection.Read(folder.Path);

        Assert.Equal((ModelKind.TwoGraphGeneration, "q4"), (model.Kind, model.Dtype));
        Assert.Equal([new(0, 2, 16, "float32"), new(1, 2, 16, "float32"), new(2, 1, 32, "float32"), new(3, 2, 16, "float32")], model.KvLayers);
        Assert.Equal((4 * 2 * 32 * 4, 4 * 2 * 32, 4 * 32), model.KvBytesPerToken);
        Assert.Equal(externalData, model.ExternalData.Count);
        Assert.Empty(model.Missing);
    }

    [Fact]
    public void Read_WeightsAreMissing_SaysWhich()
    {
        using var folder = ScorerModels.Write(ScorerModels.TinySplitExternal);
        var data = ModelInspection.Read(folder.Path).ExternalData[0];
        File.Delete(folder.File(data));

        var model = ModelInspection.Read(folder.Path);

        Assert.Equal([$"{data} is missing, which holds weights of a graph"], model.Missing);
    }

    [Fact]
    public void Read_DamagedFiles_SaysWhich()
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.WriteAllText(folder.File("model.onnx"), "not a model");
        File.WriteAllText(folder.File("config.json"), "{");
        File.WriteAllText(folder.File("tokenizer_config.json"), "[");
        File.Delete(folder.File("tokenizer.json"));

        var model = ModelInspection.Read(folder.Path);

        Assert.Equal(ModelKind.Generation, model.Kind);
        Assert.Null(model.Dtype);
        Assert.Contains(model.Missing, static missing => missing.StartsWith("model.onnx is no ONNX file", StringComparison.Ordinal));
        Assert.Contains(model.Missing, static missing => missing.StartsWith("config.json is not valid JSON", StringComparison.Ordinal));
        Assert.Contains(model.Missing, static missing => missing.Contains("tokenizer_config.json", StringComparison.Ordinal));
        Assert.Contains(model.Missing, static missing => missing.StartsWith("tokenizer.json is missing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}", "genai_config.json cannot be read")]
    [InlineData("{\"model\":{\"decoder\":{\"filename\":\"other.onnx\"}}}", "other.onnx is missing")]
    public void Read_AConfigurationWithoutItsGraph_SaysSo(string config, string message)
    {
        using var folder = TemporaryFolder.CopyOf("sample-coding");
        File.WriteAllText(folder.File("genai_config.json"), config);

        Assert.Contains(ModelInspection.Read(folder.Path).Missing, missing => missing.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ScorerModels.Tiny, ModelKind.Generation)]
    [InlineData(ScorerModels.TinySplit, ModelKind.TwoGraphGeneration)]
    public void Read_ADecoderWithoutGenAisConfiguration_Generates(string model, ModelKind kind)
    {
        using var folder = ScorerModels.Write(model);
        File.Delete(folder.File("genai_config.json"));

        var described = ModelInspection.Read(folder.Path);
        File.WriteAllText(folder.File("config.json"), "{\"max_position_embeddings\":100}");
        var endless = ModelInspection.Read(folder.Path);
        File.Delete(folder.File("config.json"));
        var bare = ModelInspection.Read(folder.Path);

        Assert.Equal((kind, 2048), (described.Kind, described.ContextTokens));
        Assert.Empty(described.Missing);
        Assert.Contains("eos_token_id", Assert.Single(endless.Missing), StringComparison.Ordinal);
        Assert.EndsWith("without it the model can be a scorer but not generate", Assert.Single(bare.Missing), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoModel_IsUnknown()
    {
        using var folder = new TemporaryFolder();

        var model = ModelInspection.Read(folder.Path);

        Assert.Equal((ModelKind.Unknown, false), (model.Kind, model.IsModel));
        Assert.Single(model.Missing);
        Assert.Throws<ModelFolderException>(() => ModelInspection.Read(folder.File("nothing")));
    }
}
