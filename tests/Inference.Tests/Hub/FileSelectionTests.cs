using System.Text.Json;
using RouterGateway.Inference.Hub;

namespace RouterGateway.Inference.Tests.Hub;

public sealed class FileSelectionTests
{
    private static readonly string[] _twoGraphs = [.. new[] { "", "_fp16", "_q4", "_q4f16", "_quantized" }.SelectMany(static kind => new[]
    {
        $"onnx/embed_tokens{kind}.onnx", $"onnx/embed_tokens{kind}.onnx_data", $"onnx/decoder_model_merged{kind}.onnx", $"onnx/decoder_model_merged{kind}.onnx_data",
        $"onnx/decoder_model_merged{kind}.onnx_data_1", $"onnx/vision_encoder{kind}.onnx", $"onnx/audio_encoder{kind}.onnx",
    }), "config.json", "tokenizer.json", "chat_template.jinja", "model.safetensors"];

    [Theory]
    [InlineData(false, null, "_q4", "q4")]
    [InlineData(true, null, "_q4f16", "q4f16")]
    [InlineData(false, "fp32", "", "fp32")]
    [InlineData(true, "fp16", "_fp16", "fp16")]
    [InlineData(false, "int8", "_quantized", "int8")]
    [InlineData(false, "q8", "_quantized", "q8")]
    public void OfExport_TwoGraphs_TakesBothOfOneKind(bool isCuda, string? dtype, string suffix, string expected)
    {
        var selection = FileSelection.OfExport(Entries(_twoGraphs), "acme/tiny", dtype, isCuda);

        Assert.Equal((ModelKind.TwoGraphGeneration, expected), (selection.Kind, selection.Dtype));
        Assert.Equal(
            Sorted(
                "config.json", "tokenizer.json", "chat_template.jinja", $"onnx/embed_tokens{suffix}.onnx", $"onnx/embed_tokens{suffix}.onnx_data", $"onnx/decoder_model_merged{suffix}.onnx",
                $"onnx/decoder_model_merged{suffix}.onnx_data", $"onnx/decoder_model_merged{suffix}.onnx_data_1"),
            Sorted([.. selection.Files.Select(static file => file.Path)]));
    }

    [Theory]
    [InlineData(false, "_q4,,_q4f16,_fp16", "q4")]
    [InlineData(false, ",_q4f16,_fp16", "fp32")]
    [InlineData(false, "_q4f16,_fp16", "q4f16")]
    [InlineData(false, "_fp16", "fp16")]
    [InlineData(true, "_q4,,_q4f16,_fp16", "q4f16")]
    [InlineData(true, "_q4,,_fp16", "fp16")]
    [InlineData(true, "_q4,", "q4")]
    [InlineData(true, "", "fp32")]
    [InlineData(false, "_fp16,_int8", "int8")]
    [InlineData(false, "_O4", "O4")]
    public void OfExport_NoKindIsWanted_TakesTheBestForTheDevice(bool isCuda, string suffixes, string expected)
    {
        var selection = FileSelection.OfExport(Entries([.. suffixes.Split(',').Select(static suffix => $"onnx/model{suffix}.onnx"), "config.json"]), "acme/tiny", null, isCuda);

        Assert.Equal((ModelKind.Embedding, expected), (selection.Kind, selection.Dtype));
    }

    [Theory]
    [InlineData(false, null, "fp32")]
    [InlineData(true, null, "fp32")]
    [InlineData(true, "int8", "int8")]
    public void OfExport_EmbeddingGemma_NeverTakesFloat16(bool isCuda, string? dtype, string expected)
    {
        var entries = Entries("onnx/model.onnx", "onnx/model_fp16.onnx", "onnx/model_q4f16.onnx", "onnx/model_int8.onnx");

        Assert.Equal(expected, FileSelection.OfExport(entries, "vespa-engine/embeddinggemma-2-ONNX", dtype, isCuda).Dtype);
        Assert.All(["fp16", "q4f16"], half => Assert.Contains("overflows in float16", Assert.Throws<HubException>(() => FileSelection.OfExport(entries, "vespa-engine/embeddinggemma-2-ONNX", half, isCuda)).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void OfExport_GraphsInTheRepositoryItself_AreFound()
    {
        var selection = FileSelection.OfExport(Entries("model.onnx", "model_quantized.onnx", "model.onnx_data", "modelling.onnx", "tokenizer.json", "sub/config.json"), "acme/tiny", null, false);

        Assert.Equal(["model.onnx", "model.onnx_data", "tokenizer.json"], Sorted([.. selection.Files.Select(static file => file.Path)]));
    }

    [Fact]
    public void OfExport_OnePairOfTwoKinds_IsTaken()
    {
        var selection = FileSelection.OfExport(Entries("onnx/embed_tokens_fp16.onnx", "onnx/decoder_model_merged_q4f16.onnx"), "acme/tiny", null, false);

        Assert.Equal(["onnx/decoder_model_merged_q4f16.onnx", "onnx/embed_tokens_fp16.onnx"], Sorted([.. selection.Files.Select(static file => file.Path)]));
    }

    [Fact]
    public void OfExport_AKindThatIsNotThere_SaysWhatIs()
    {
        var fault = Assert.Throws<HubException>(() => FileSelection.OfExport(Entries(_twoGraphs), "acme/tiny", "bnb4", false));

        Assert.Contains("of kind \"bnb4\"; it has: fp16, fp32, q4, q4f16, q8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OfExport_NoGraph_SaysSo() =>
        Assert.Contains("holds no model that can be run here", Assert.Throws<HubException>(() => FileSelection.OfExport(Entries("model.safetensors", "config.json"), "acme/tiny", null, false)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("genai_config.json", null, false, "")]
    [InlineData("only/genai_config.json", null, true, "only/")]
    [InlineData("cpu-int4/genai_config.json,cuda-fp16/genai_config.json", null, false, "cpu-int4/")]
    [InlineData("cpu-int4/genai_config.json,cuda-fp16/genai_config.json", null, true, "cuda-fp16/")]
    [InlineData("genai_config.json,cuda-fp16/genai_config.json", null, true, "")]
    [InlineData("a/genai_config.json,b/c/genai_config.json", "b/c/", true, "b/c/")]
    public void FindGenAI_Folders_TakesTheOneForTheDevice(string files, string? subfolder, bool isCuda, string expected) =>
        Assert.Equal(expected, FileSelection.FindGenAI(Entries(files.Split(',')), subfolder, isCuda)?.Folder);

    [Theory]
    [InlineData("a/genai_config.json,b/genai_config.json", null, "Choose one with --subfolder")]
    [InlineData("a/genai_config.json", "b", "Choose one with --subfolder")]
    [InlineData("config.json", "b", "leave --subfolder out")]
    public void FindGenAI_NoneCanBeChosen_SaysWhatThereIs(string files, string? subfolder, string message) =>
        Assert.Contains(message, Assert.Throws<HubException>(() => FileSelection.FindGenAI(Entries(files.Split(',')), subfolder, false)).Message, StringComparison.Ordinal);

    [Fact]
    public void OfGenAI_AGraphThatIsNotThere_SaysSo()
    {
        var entries = Entries("genai_config.json", "other.onnx");

        var fault = Assert.Throws<HubException>(() => FileSelection.OfGenAI(entries, entries[0], JsonElement.Parse("{}")));

        Assert.Contains("names a graph \"model.onnx\" that the repository does not have", fault.Message, StringComparison.Ordinal);
    }

    private static HubEntry[] Entries(params string[] paths) => [.. paths.Select(static path => new HubEntry(path, 1, new string('0', 64)))];

    private static string[] Sorted(params string[] paths) => [.. paths.Order(StringComparer.Ordinal)];
}
