using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Embeddings;

public sealed class EmbeddingFilesTests
{
    [Theory]
    [InlineData("model.onnx", "model.onnx", "onnx/model.onnx", "model_q4.onnx")]
    [InlineData("onnx/model.onnx", "onnx/model.onnx", "onnx/model_q4.onnx", "model_q4.onnx")]
    [InlineData("onnx/model_int8.onnx", "onnx/model_int8.onnx", "onnx/model_int8.onnx_data")]
    [InlineData(null, "model_int8.onnx", "model_q4.onnx")]
    [InlineData(null, "config.json")]
    public void TryFindGraph_Files_PrefersThePlainOne(string? expected, params string[] files)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("onnx"));
        foreach (var file in files)
        {
            File.WriteAllText(folder.File(file), "");
        }

        Assert.Equal(expected, EmbeddingFiles.TryFindGraph(folder.Path));
    }
}
