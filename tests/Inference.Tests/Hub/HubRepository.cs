using System.Security.Cryptography;
using RouterGateway.Inference.Tests.Scoring;

namespace RouterGateway.Inference.Tests.Hub;

/// <summary>What repositories of a test hub hold.</summary>
internal static class HubRepository
{
    /// <summary>The weights of the decoder, the largest file.</summary>
    public const string Weights = "onnx/decoder_model_merged_q4.onnx_data";

    /// <summary>A hub whose repository has the layout of transformers.js, with much that no text model needs.</summary>
    public static async Task<TestHub> StartTwoGraphsAsync()
    {
        var hub = await TestHub.StartAsync();
        using var folder = ScorerModels.Write(ScorerModels.TinySplit);
        foreach (var file in Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            hub.Add(Path.GetRelativePath(folder.Path, file), await File.ReadAllBytesAsync(file));
        }

        hub.Add(Weights, RandomBytes(3_000_000, 1));
        hub.Add("chat_template.jinja", "{{ messages }}");
        foreach (var other in new[] { "README.md", ".gitattributes", "model.safetensors", "model.safetensors.index.json", "image.png", "onnx/vision_encoder_q4.onnx", "onnx/audio_encoder_q4.onnx_data", "onnx/decoder_model_merged_fp16.onnx", "onnx/embed_tokens_fp16.onnx" })
        {
            hub.Add(other, "not needed");
        }

        return hub;
    }

    public static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
