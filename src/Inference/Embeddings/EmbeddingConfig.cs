using System.Text.Json;

namespace RouterGateway.Inference.Embeddings;

/// <summary>What the JSON files beside an embedding model say.</summary>
/// <param name="MaxTokens">Longest input, bos and eos included.</param>
/// <param name="Prompts">Prompt texts by task name, from config_sentence_transformers.json; empty without that file.</param>
internal sealed record EmbeddingConfig(int MaxTokens, IReadOnlyDictionary<string, string> Prompts)
{
    private const string ConfigFile = "config.json";
    private const string PromptsFile = "config_sentence_transformers.json";

    public static EmbeddingConfig Load(string folder)
    {
        var path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path))
        {
            throw new ModelFolderException(folder, ConfigFile, "is missing: copy it from the model's repository");
        }

        using var config = Parse(folder, ConfigFile);
        if (!TryGetMaxTokens(config.RootElement, out var maxTokens))
        {
            throw new ModelFolderException(folder, ConfigFile, "has no positive integer \"max_position_embeddings\": add it");
        }

        var prompts = new Dictionary<string, string>();
        if (File.Exists(Path.Combine(folder, PromptsFile)))
        {
            using var document = Parse(folder, PromptsFile);
            if (document.RootElement.TryGetProperty("prompts", out var entries) && entries.ValueKind == JsonValueKind.Object)
            {
                foreach (var entry in entries.EnumerateObject().Where(static entry => entry.Value.ValueKind == JsonValueKind.String))
                {
                    prompts[entry.Name] = entry.Value.GetString()!;
                }
            }
        }

        return new EmbeddingConfig(maxTokens, prompts);
    }

    // Multi-modal exports keep the value of the language model one level down.
    private static bool TryGetMaxTokens(JsonElement config, out int maxTokens)
    {
        maxTokens = 0;
        var holder = config.TryGetProperty("text_config", out var text) && text.ValueKind == JsonValueKind.Object ? text : config;
        return (holder.TryGetProperty("max_position_embeddings", out var value) || config.TryGetProperty("max_position_embeddings", out value))
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out maxTokens) && maxTokens > 0;
    }

    private static JsonDocument Parse(string folder, string file)
    {
        try
        {
            var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, file)));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw new JsonException("not an object");
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(folder, file, $"is not valid JSON ({e.Message.TrimEnd('.')}): copy it again", e);
        }
    }
}
