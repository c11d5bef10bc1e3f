namespace RouterGateway.Inference.Embeddings;

/// <summary>The files of an embedding model's folder.</summary>
public static class EmbeddingFiles
{
    private static readonly string[] _places = ["", "onnx"];

    /// <summary>Finds the graph: model.onnx, else the only model_*.onnx (of another kind of weights), each also in the folder onnx.</summary>
    /// <returns>Its path relative to the folder; null when there is none, or several of which none can be preferred.</returns>
    public static string? TryFindGraph(string folder)
    {
        foreach (var place in _places)
        {
            if (File.Exists(Path.Combine(folder, place, "model.onnx")))
            {
                return Path.Combine(place, "model.onnx");
            }
        }

        foreach (var place in _places.Where(place => Directory.Exists(Path.Combine(folder, place))))
        {
            if (Directory.GetFiles(Path.Combine(folder, place), "model_*.onnx") is [var only])
            {
                return Path.Combine(place, Path.GetFileName(only));
            }
        }

        return null;
    }
}
