using System.Text.Json;

namespace RouterGateway.Inference.Engine;

/// <summary>What the files of a model folder say of its decoder: genai_config.json, generation_config.json and config.json, as far as they are there.</summary>
/// <param name="ContextTokens">Longest sequence, prompt and answer together.</param>
/// <param name="EndTokens">Ids that end the model's turn.</param>
/// <param name="BeginToken">What every sequence begins with; null = nothing.</param>
/// <param name="Sampling">What is done when a request does not say.</param>
internal sealed record DecoderConfig(int ContextTokens, IReadOnlySet<int> EndTokens, int? BeginToken, SamplingOptions Sampling)
{
    /// <summary>The file of ONNX Runtime GenAI.</summary>
    public const string FileName = "genai_config.json";

    private const string GenerationFileName = "generation_config.json";
    private const string ModelFileName = "config.json";

    /// <summary>Reads the files.</summary>
    /// <exception cref="ModelFolderException">What they must say is not there, or one is broken.</exception>
    public static DecoderConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model");
        }

        using var genAI = Parse(folder, FileName);
        using var generation = Parse(folder, GenerationFileName);
        using var config = Parse(folder, ModelFileName);
        if (genAI is null && config is null)
        {
            throw new ModelFolderException(folder, FileName, $"is missing, as is {ModelFileName}: name the folder of a text model, or copy it from the model's repository");
        }

        var (exported, described) = (Member(genAI?.RootElement ?? default, "model"), config?.RootElement ?? default);
        JsonElement[] models = [exported, described, Member(described, "text_config")]; // of several modalities the text's stands by itself
        var context = genAI is not null ? Member(exported, "context_length") : First(models[1..], "max_position_embeddings");
        if (context is not { ValueKind: JsonValueKind.Number } || !context.TryGetInt32(out var contextTokens) || contextTokens < 2)
        {
            throw new ModelFolderException(folder, genAI is null ? ModelFileName : FileName, $"has no positive integer \"{(genAI is null ? "max_position_embeddings" : "model.context_length")}\": name the folder of a model that generates, or add it");
        }

        var ends = new HashSet<int>();
        foreach (var model in models.Append(generation?.RootElement ?? default))
        {
            AddIds(Member(model, "eos_token_id"), ends);
        }

        return new DecoderConfig(
            contextTokens,
            ends,
            First(models, "bos_token_id") is { ValueKind: JsonValueKind.Number } begin && begin.TryGetInt32(out var beginToken) ? beginToken : null,
            ReadSampling(genAI is null ? generation?.RootElement ?? default : Member(genAI.RootElement, "search")));
    }

    private static JsonElement First(IEnumerable<JsonElement> objects, string name) =>
        objects.Select(item => Member(item, name)).FirstOrDefault(static member => member.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null));

    private static SamplingOptions ReadSampling(JsonElement search)
    {
        var isSampling = Member(search, "do_sample").ValueKind == JsonValueKind.True;
        return new SamplingOptions(
            isSampling ? Number(Member(search, "temperature"), 1) : 0,
            isSampling ? Number(Member(search, "top_p"), 1) : 1,
            isSampling ? (int)Number(Member(search, "top_k"), 0) : 0,
            Seed: null);
    }

    private static JsonDocument? Parse(string folder, string file)
    {
        var path = Path.Combine(folder, file);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(folder, file, $"is not valid JSON ({e.Message.TrimEnd('.')}): copy it again", e);
        }
    }

    private static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static double Number(JsonElement element, double fallback) =>
        element.ValueKind == JsonValueKind.Number ? element.GetDouble() : fallback;

    private static void AddIds(JsonElement element, HashSet<int> ids)
    {
        var values = element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().ToArray() : [element];
        foreach (var value in values)
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id))
            {
                ids.Add(id);
            }
        }
    }
}
