using System.Text.Json;
using RouterGateway.Inference.Embeddings;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Looks whether a folder named in the file holds what a model needs; the model itself is not loaded.</summary>
internal static class ModelFolder
{
    /// <summary>Returns what is wrong with the folder of an embedding model; null when it looks complete.</summary>
    public static string? EmbeddingFault(string baseFolder, string folder) =>
        Fault(baseFolder, folder, "config.json", "tokenizer.json") ??
        (EmbeddingFiles.TryFindGraph(Path.Combine(baseFolder, folder)) is not null ? null : Missing(baseFolder, folder, "model.onnx"));

    /// <summary>Returns what is wrong with the folder of a model that generates; null when it looks complete.</summary>
    public static string? GenerationFault(string baseFolder, string folder) =>
        ScorerFault(baseFolder, folder)
        ?? (HasFile(baseFolder, folder, "genai_config.json") || HasFile(baseFolder, folder, "config.json") ? null : Missing(baseFolder, folder, "genai_config.json, nor config.json"));

    /// <summary>Returns what is wrong with the folder of a scorer; null when it looks complete.</summary>
    public static string? ScorerFault(string baseFolder, string folder)
    {
        if (Fault(baseFolder, folder, "tokenizer.json") is { } fault)
        {
            return fault;
        }

        if (HasTwoGraphs(Path.Combine(baseFolder, folder)) || HasTwoGraphs(Path.Combine(baseFolder, folder, "onnx")))
        {
            return null; // also where genai_config.json names a file that is not there
        }

        if (HasFile(baseFolder, folder, "genai_config.json"))
        {
            return DecoderFault(baseFolder, folder);
        }

        return HasFile(baseFolder, folder, "model.onnx") ? null : Missing(baseFolder, folder, "model.onnx, and no embed_tokens*.onnx with decoder_model_merged*.onnx");
    }

    private static bool HasTwoGraphs(string folder) =>
        Directory.Exists(folder) && Directory.EnumerateFiles(folder, "embed_tokens*.onnx").Any() && Directory.EnumerateFiles(folder, "decoder_model_merged*.onnx").Any();

    private static string? Fault(string baseFolder, string folder, params ReadOnlySpan<string> files)
    {
        if (string.IsNullOrWhiteSpace(folder) || folder.Contains('\0'))
        {
            return "must be the path of a folder";
        }

        if (!Directory.Exists(Path.Combine(baseFolder, folder)))
        {
            return $"folder \"{FaultPath.Printable(folder)}\" does not exist (looked for {Path.GetFullPath(folder, baseFolder)})";
        }

        foreach (var file in files)
        {
            if (!HasFile(baseFolder, folder, file))
            {
                return Missing(baseFolder, folder, file);
            }
        }

        return null;
    }

    private static string? DecoderFault(string baseFolder, string folder)
    {
        try
        {
            using var config = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(baseFolder, folder, "genai_config.json")));
            var decoder = config.RootElement.GetProperty("model").GetProperty("decoder").GetProperty("filename").GetString() ?? "";
            return HasFile(baseFolder, folder, decoder) ? null : Missing(baseFolder, folder, decoder);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return $"genai_config.json in folder \"{FaultPath.Printable(folder)}\" cannot be read: it must name model.decoder.filename";
        }
    }

    private static bool HasFile(string baseFolder, string folder, string file) => System.IO.File.Exists(Path.Combine(baseFolder, folder, file));

    private static string Missing(string baseFolder, string folder, string file) =>
        $"folder \"{FaultPath.Printable(folder)}\" has no {FaultPath.Printable(file)} (looked in {Path.GetFullPath(folder, baseFolder)})";
}
