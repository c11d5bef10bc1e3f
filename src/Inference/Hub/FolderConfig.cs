using System.Text.Json;

namespace RouterGateway.Inference.Hub;

/// <summary>What the configuration files of a model folder say, as far as they can be read.</summary>
internal sealed class FolderConfig
{
    /// <param name="folder">The folder.</param>
    /// <param name="missing">Receives what cannot be read, each as a sentence without the final stop.</param>
    public FolderConfig(string folder, List<string> missing)
    {
        using var genai = Parse(folder, Engine.DecoderConfig.FileName, missing);
        using var generation = Parse(folder, "generation_config.json", missing);
        using var config = Parse(folder, "config.json", missing);
        var (model, own, text) = (Member(Root(genai), "model"), Root(config), Member(Root(config), "text_config"));
        ContextTokens = Number(Member(model, "context_length")) ?? Number(Member(own, "max_position_embeddings")) ?? Number(Member(text, "max_position_embeddings"));
        VocabularySize = Number(Member(model, "vocab_size")) ?? Number(Member(own, "vocab_size")) ?? Number(Member(text, "vocab_size"));
        var ends = new[] { Ids(Member(model, "eos_token_id")), Ids(Member(Root(generation), "eos_token_id")), Ids(Member(own, "eos_token_id")), Ids(Member(text, "eos_token_id")) };
        EndTokens = [.. ends.SelectMany(static ids => ids).Distinct().Order()];
    }

    public int? ContextTokens { get; }

    public int? VocabularySize { get; }

    public IReadOnlyList<int> EndTokens { get; }

    private static JsonDocument? Parse(string folder, string file, List<string> missing)
    {
        var path = Path.Combine(folder, file);
        try
        {
            return File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException e)
        {
            missing.Add($"{file} is not valid JSON ({e.Message.TrimEnd('.')}): copy it again");
            return null;
        }
    }

    private static JsonElement Root(JsonDocument? document) => document?.RootElement ?? default;

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static int? Number(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value > 0 ? value : null;

    private static int[] Ids(JsonElement element) =>
    [
        .. (element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().ToArray() : [element])
            .Where(static id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out _)).Select(static id => id.GetInt32()),
    ];
}
