using System.Text.Json;

namespace RouterGateway.Inference.Hub;

/// <summary>Which files of a repository make a model that can be run here.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Dtype">Kind of the weights; null when the repository leaves no choice.</param>
/// <param name="BaseFolder">The repository's folder that becomes the model's folder, with a slash behind it; empty for the repository itself.</param>
/// <param name="Files">The files; all lie below the base folder.</param>
internal sealed record FileSelection(ModelKind Kind, string? Dtype, string BaseFolder, IReadOnlyList<HubEntry> Files)
{
    private const string GenAIConfig = "genai_config.json";
    private const string Decoder = "decoder_model_merged";
    private const string Embedder = "embed_tokens";
    private const string Model = "model";
    private const string Extension = ".onnx";

    private static readonly string[] _places = ["onnx/", ""];
    private static readonly string[] _configWords = ["config", "tokenizer", "tokens_map", "added_tokens", "vocab", "chat_template", "modules"];

    /// <summary>Where a file goes in the model's folder.</summary>
    public string TargetOf(HubEntry entry) => entry.Path[BaseFolder.Length..];

    /// <summary>Finds the configuration of a folder in the layout of ONNX Runtime GenAI; null when the repository has none.</summary>
    /// <param name="entries">All files of the repository.</param>
    /// <param name="subfolder">The folder that is wanted; null: the one for the device.</param>
    /// <param name="isCuda">Which device that is.</param>
    /// <exception cref="HubException">There are several, or not the wanted one.</exception>
    public static HubEntry? FindGenAI(IReadOnlyList<HubEntry> entries, string? subfolder, bool isCuda)
    {
        var found = entries.Where(static entry => entry.Name == GenAIConfig).ToArray();
        var wanted = subfolder is not null
            ? found.Where(entry => entry.Folder.Trim('/') == subfolder.Trim('/')).ToArray()
            : found.Length > 1 && found.FirstOrDefault(static entry => entry.Folder.Length == 0) is { } root ? [root]
            : found.Length > 1 ? found.Where(entry => entry.Folder.Contains(isCuda ? "cuda" : "cpu", StringComparison.OrdinalIgnoreCase)).ToArray()
            : found;
        return wanted switch
        {
            [var only] => only,
            [] when found.Length == 0 && subfolder is null => null,
            _ => throw new HubException(found.Length == 0
                ? $"The repository has no {GenAIConfig}, and so no folder \"{subfolder}\" to choose: leave --subfolder out."
                : $"The repository has {found.Length} folders with a {GenAIConfig}: {string.Join(", ", found.Select(static entry => $"\"{entry.Folder.Trim('/')}\""))}. Choose one with --subfolder."),
        };
    }

    /// <summary>Selects a folder in the layout of ONNX Runtime GenAI: the graphs that its configuration names, their data, and configurations.</summary>
    /// <param name="entries">All files of the repository.</param>
    /// <param name="config">The folder's genai_config.json.</param>
    /// <param name="content">What it holds.</param>
    /// <exception cref="HubException">It names a graph that is not there.</exception>
    public static FileSelection OfGenAI(IReadOnlyList<HubEntry> entries, HubEntry config, JsonElement content)
    {
        var graphs = GraphNames(content).Distinct().ToArray();
        var files = entries.Where(entry => entry.Folder == config.Folder && IsConfig(entry.Name)).ToList();
        foreach (var graph in graphs.Length == 0 ? ["model.onnx"] : graphs)
        {
            var found = WithData(entries, config.Folder + graph);
            files.AddRange(found.Count > 0 ? found : throw new HubException($"{config.Path} names a graph \"{graph}\" that the repository does not have: it cannot be run. Choose another repository or revision."));
        }

        return new FileSelection(ModelKind.Generation, null, config.Folder, [.. files.Distinct()]);
    }

    /// <summary>Selects an export in the layout of transformers.js: a decoder in two graphs, or one graph.</summary>
    /// <param name="entries">All files of the repository.</param>
    /// <param name="repository">Owner and name.</param>
    /// <param name="dtype">The kind of weights that is wanted; null: the best for the device.</param>
    /// <param name="isCuda">Which device that is.</param>
    /// <exception cref="HubException">There is no such export, or not of that kind.</exception>
    public static FileSelection OfExport(IReadOnlyList<HubEntry> entries, string repository, string? dtype, bool isCuda)
    {
        foreach (var stems in new string[][] { [Decoder, Embedder], [Model] })
        {
            var place = _places.FirstOrDefault(place => entries.Any(entry => entry.Folder == place && SuffixOf(entry.Name, stems[0]) is not null));
            if (place is not null)
            {
                var (kind, graphs) = Choose(entries, repository, place, stems, dtype, isCuda);
                var configs = entries.Where(static entry => entry.Folder.Length == 0 && IsConfig(entry.Name));
                return new FileSelection(stems.Length > 1 ? ModelKind.TwoGraphGeneration : ModelKind.Embedding, kind, "", [.. configs, .. graphs.SelectMany(graph => WithData(entries, graph)).Distinct()]);
            }
        }

        throw new HubException(
            $"{repository} holds no model that can be run here: neither a {GenAIConfig}, nor {Embedder}*.onnx with {Decoder}*.onnx, nor model*.onnx. Name a repository with an ONNX export, such as those that \"models list\" shows.");
    }

    private static (string Dtype, string[] Graphs) Choose(IReadOnlyList<HubEntry> entries, string repository, string place, string[] stems, string? dtype, bool isCuda)
    {
        var suffixes = stems.Select(stem => entries.Where(entry => entry.Folder == place).Select(entry => SuffixOf(entry.Name, stem)).OfType<string>().ToHashSet(StringComparer.Ordinal)).ToArray();
        var whyNoHalf = WeightKinds.WhyNoHalf(repository);
        if (dtype is not null && whyNoHalf is not null && WeightKinds.IsHalf(dtype))
        {
            throw new HubException($"--dtype {dtype} is not for {repository}: {whyNoHalf}. Choose fp32 or int8.");
        }

        foreach (var kind in dtype is null ? WeightKinds.ByPreference(isCuda).Where(kind => whyNoHalf is null || !WeightKinds.IsHalf(kind)) : [dtype])
        {
            if (WeightKinds.Suffixes(kind).FirstOrDefault(suffix => suffixes.All(known => known.Contains(suffix))) is { } found)
            {
                return (kind, [.. stems.Select(stem => $"{place}{stem}{found}{Extension}")]);
            }
        }

        if (dtype is null && suffixes.All(static known => known.Count == 1)) // of kinds that are not known, the only one there is
        {
            return (WeightKinds.OfSuffix(suffixes[0].Single()), [.. stems.Zip(suffixes, (stem, known) => $"{place}{stem}{known.Single()}{Extension}")]);
        }

        var kinds = suffixes.Aggregate((a, b) => [.. a.Intersect(b)]).Select(WeightKinds.OfSuffix).Order(StringComparer.Ordinal);
        throw new HubException($"{repository} has no {string.Join(" with ", stems.Select(static stem => stem + "*.onnx"))} of {(dtype is null ? "a kind that is known here" : $"kind \"{dtype}\"")}; it has: {string.Join(", ", kinds)}. Choose one with --dtype.");
    }

    // Of "model_q4.onnx": "_q4", with the stem "model"; null for "model_index.json", and for "modelling.onnx".
    private static string? SuffixOf(string name, string stem) =>
        name.StartsWith(stem, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal) && name.Length >= stem.Length + Extension.Length && name[stem.Length..^Extension.Length] is var suffix && (suffix.Length == 0 || suffix[0] == '_')
            ? suffix
            : null;

    // model.onnx, model.onnx_data, model.onnx_data_1, model.onnx.data
    private static List<HubEntry> WithData(IReadOnlyList<HubEntry> entries, string graph) =>
        entries.Any(entry => entry.Path == graph) ? [.. entries.Where(entry => entry.Path == graph || entry.Path.StartsWith(graph + "_data", StringComparison.Ordinal) || entry.Path.StartsWith(graph + ".data", StringComparison.Ordinal))] : [];

    private static bool IsConfig(string name) =>
        name[0] != '.' && !name.Contains(':') &&
        (name.EndsWith(".jinja", StringComparison.Ordinal) || (name.EndsWith(".json", StringComparison.Ordinal) && !name.Contains(".index.", StringComparison.Ordinal) && _configWords.Any(word => name.Contains(word, StringComparison.Ordinal))));

    // "filename" of model.decoder, model.embedding, model.vision, ...: ONNX Runtime GenAI opens all of them
    private static IEnumerable<string> GraphNames(JsonElement config) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.Object
            ? model.EnumerateObject().Select(static part => part.Value)
                .Where(static part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("filename", out var name) && name.ValueKind == JsonValueKind.String)
                .Select(static part => part.GetProperty("filename").GetString()!).Where(HubNames.IsInside)
            : [];
}
