using System.Text.Json;

namespace RouterGateway.Inference.Engine;

/// <summary>What genai_config.json and generation_config.json of a model folder say.</summary>
/// <param name="ModelFile">The decoder's graph, relative to the folder.</param>
/// <param name="ContextTokens">Longest sequence, prompt and answer together.</param>
/// <param name="EndTokens">Ids that end the model's turn.</param>
/// <param name="KeyNames">Names of the past keys with %d for the layer.</param>
/// <param name="ValueNames">Names of the past values with %d for the layer.</param>
/// <param name="BeginToken">What every sequence begins with; null = nothing.</param>
/// <param name="Sampling">What is done when a request does not say.</param>
internal sealed record DecoderConfig(
    string ModelFile, int ContextTokens, IReadOnlySet<int> EndTokens, string KeyNames, string ValueNames, int? BeginToken, SamplingOptions Sampling)
{
    public const string FileName = "genai_config.json";
    private const string GenerationFileName = "generation_config.json";

    /// <summary>Reads the files.</summary>
    /// <exception cref="ModelFolderException">One is missing or broken.</exception>
    public static DecoderConfig Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model");
        }

        using var document = Parse(folder, FileName)
            ?? throw new ModelFolderException(folder, FileName, "is missing: name a folder in the layout of ONNX Runtime GenAI");
        var model = Member(document.RootElement, "model");
        var decoder = Member(model, "decoder");
        var inputs = Member(decoder, "inputs");
        if (Member(model, "context_length") is not { ValueKind: JsonValueKind.Number } context || !context.TryGetInt32(out var contextTokens) || contextTokens < 2)
        {
            throw new ModelFolderException(folder, FileName, "has no positive integer \"model.context_length\": add it");
        }

        var ends = new HashSet<int>();
        AddIds(Member(model, "eos_token_id"), ends);
        using (var generation = Parse(folder, GenerationFileName))
        {
            AddIds(Member(generation?.RootElement ?? default, "eos_token_id"), ends);
        }

        var modelFile = Text(Member(decoder, "filename"), "model.onnx");
        if (!File.Exists(Path.Combine(folder, modelFile)))
        {
            throw new ModelFolderException(folder, modelFile, "is missing: copy it from the model's repository");
        }

        return new DecoderConfig(
            modelFile,
            contextTokens,
            ends,
            Text(Member(inputs, "past_key_names"), "past_key_values.%d.key"),
            Text(Member(inputs, "past_value_names"), "past_key_values.%d.value"),
            Member(model, "bos_token_id") is { ValueKind: JsonValueKind.Number } begin && begin.TryGetInt32(out var beginToken) ? beginToken : null,
            ReadSampling(Member(document.RootElement, "search")));
    }

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

    private static string Text(JsonElement element, string fallback) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : fallback;

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
