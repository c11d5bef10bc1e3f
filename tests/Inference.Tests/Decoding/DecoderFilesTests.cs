using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Decoding;

public sealed class DecoderFilesTests
{
    [Theory]
    [InlineData(true, "decoder_model_merged_q4f16.onnx")]
    [InlineData(false, "decoder_model_merged_q4.onnx")]
    public void Find_SeveralKinds_TakesTheBestForTheDevice(bool isCuda, string decoder)
    {
        using var folder = new TemporaryFolder();
        foreach (var kind in new[] { "_q4", "_q4f16" })
        {
            File.WriteAllText(folder.File($"embed_tokens{kind}.onnx"), "");
            File.WriteAllText(folder.File($"decoder_model_merged{kind}.onnx"), "");
        }

        var files = DecoderFiles.Find(folder.Path, isCuda);

        Assert.Equal(decoder, Path.GetFileName(files.Decoder));
    }
}
