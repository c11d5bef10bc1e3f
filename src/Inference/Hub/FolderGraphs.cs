using System.Text.Json;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Embeddings;

namespace RouterGateway.Inference.Hub;

/// <summary>The graphs of a model folder, found by their roles.</summary>
/// <param name="Kind">What they are by their names alone; Embedding also for a decoder in one graph.</param>
/// <param name="Graphs">Relative to the folder.</param>
/// <param name="Missing">What is wrong, each as a sentence without the final stop.</param>
internal sealed record FolderGraphs(ModelKind Kind, string[] Graphs, string[] Missing)
{
    private static readonly string[] _places = ["", "onnx"];

    public static FolderGraphs Find(string folder)
    {
        if (File.Exists(Path.Combine(folder, FolderConfig.GenAIFile)) && Named(folder) is var named && (named.Missing.Length == 0 || !HasTwoGraphs(folder)))
        {
            return named;
        }

        if (HasTwoGraphs(folder))
        {
            try
            {
                var files = DecoderFiles.Find(folder, isCuda: false);
                return new FolderGraphs(ModelKind.TwoGraphGeneration, [.. new[] { files.Embedding, files.Decoder }.OfType<string>().Select(path => Path.GetRelativePath(folder, path))], []);
            }
            catch (ModelFolderException e)
            {
                return new FolderGraphs(ModelKind.TwoGraphGeneration, [], [e.Message.TrimEnd('.')]);
            }
        }

        return EmbeddingFiles.TryFindGraph(folder) is { } graph ? new FolderGraphs(ModelKind.Embedding, [graph], []) : new FolderGraphs(ModelKind.Unknown, [], ["there is no graph: no model.onnx, and no pair embed_tokens*.onnx and decoder_model_merged*.onnx"]);
    }

    private static bool HasTwoGraphs(string folder) =>
        _places.Any(place => Directory.Exists(Path.Combine(folder, place)) && Directory.EnumerateFiles(Path.Combine(folder, place), "decoder_model_merged*.onnx").Any());

    private static FolderGraphs Named(string folder)
    {
        try
        {
            using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, FolderConfig.GenAIFile)));
            var name = config.RootElement.GetProperty("model").GetProperty("decoder").TryGetProperty("filename", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "model.onnx";
            return File.Exists(Path.Combine(folder, name))
                ? new FolderGraphs(ModelKind.Generation, [name], [])
                : new FolderGraphs(ModelKind.Generation, [], [$"{name} is missing, which {FolderConfig.GenAIFile} names: copy it from the model's repository"]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new FolderGraphs(ModelKind.Generation, [], [$"{FolderConfig.GenAIFile} cannot be read ({e.Message.TrimEnd('.')}): copy it again"]);
        }
    }
}
