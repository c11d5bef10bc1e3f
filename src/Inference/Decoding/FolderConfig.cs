using System.Text.Json;
using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Decoding;

/// <summary>What genai_config.json, generation_config.json and config.json of a model folder say, as far as they are there.</summary>
internal sealed class FolderConfig
{
    public const string GenAIFile = "genai_config.json";
    public const string ModelFile = "config.json";
    private const string GenerationFile = "generation_config.json";

    /// <param name="folder">The folder.</param>
    /// <param name="faults">Receives what cannot be read, each as a sentence without the final stop; <see langword="null"/>: that is thrown.</param>
    /// <exception cref="ModelFolderException">A file is no JSON.</exception>
    public FolderConfig(string folder, List<string>? faults = null)
    {
        using var genAI = Parse(folder, GenAIFile, faults);
        using var generation = Parse(folder, GenerationFile, faults);
        using var config = Parse(folder, ModelFile, faults);
        (HasGenAI, HasModel) = (genAI is not null, config is not null);
        var (exported, described) = (Member(Root(genAI), "model"), Root(config));
        JsonElement[] models = [exported, described, Member(described, "text_config")]; // of several modalities the text's stands by itself
        DecoderFile = Member(Member(exported, "decoder"), "filename") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;
        ContextTokens = Number(Member(exported, "context_length")) ?? First(models[1..], "max_position_embeddings");
        VocabularySize = First(models, "vocab_size");
        BeginToken = First(models, "bos_token_id");
        EndTokens = models.Append(Root(generation)).SelectMany(static model => Ids(Member(model, "eos_token_id"))).ToHashSet();
        Sampling = ReadSampling(HasGenAI ? Member(Root(genAI), "search") : Root(generation));
    }

    /// <summary>Whether there is a genai_config.json.</summary>
    public bool HasGenAI { get; }

    /// <summary>Whether there is a config.json.</summary>
    public bool HasModel { get; }

    /// <summary>The decoder's graph, relative to the folder.</summary>
    public string? DecoderFile { get; }

    /// <summary>Longest sequence, prompt and answer together.</summary>
    public int? ContextTokens { get; }

    /// <summary>Number of tokens.</summary>
    public int? VocabularySize { get; }

    /// <summary>What every sequence begins with.</summary>
    public int? BeginToken { get; }

    /// <summary>Ids that end the model's turn.</summary>
    public IReadOnlySet<int> EndTokens { get; }

    /// <summary>What is done when a request does not say.</summary>
    public SamplingOptions Sampling { get; }

    private static JsonDocument? Parse(string folder, string file, List<string>? faults)
    {
        var path = Path.Combine(folder, file);
        try
        {
            return File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException e)
        {
            var fault = $"is not valid JSON ({e.Message.TrimEnd('.')}): copy it again";
            if (faults is null)
            {
                throw new ModelFolderException(folder, file, fault, e);
            }

            faults.Add($"{file} {fault}");
            return null;
        }
    }

    private static SamplingOptions ReadSampling(JsonElement search)
    {
        var isSampling = Member(search, "do_sample").ValueKind == JsonValueKind.True;
        return isSampling
            ? new SamplingOptions(Number(Member(search, "temperature"), 1), Number(Member(search, "top_p"), 1), (int)Number(Member(search, "top_k"), 0), Seed: null)
            : new SamplingOptions(Temperature: 0, TopP: 1, TopK: 0, Seed: null);
    }

    private static JsonElement Root(JsonDocument? document) => document?.RootElement ?? default;

    private static JsonElement Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static int? First(IEnumerable<JsonElement> objects, string name) => objects.Select(item => Number(Member(item, name))).FirstOrDefault(static number => number is not null);

    private static int? Number(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= 0 ? value : null;

    private static double Number(JsonElement element, double fallback) => element.ValueKind == JsonValueKind.Number ? element.GetDouble() : fallback;

    private static IEnumerable<int> Ids(JsonElement element) =>
        (element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().ToArray() : [element]).Select(static id => Number(id)).OfType<int>();
}
