using System.Text.RegularExpressions;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Hub;

/// <summary>What a model folder holds, read from its files without running the model.</summary>
public sealed partial record ModelInspection
{
    private static readonly string[] _embeddingFiles = ["tokenizer.json", "config.json"];
    private static readonly string[] _decoderFiles = ["tokenizer.json"];

    /// <summary>The folder, as the operator wrote it.</summary>
    public required string Folder { get; init; }

    /// <summary>What it holds.</summary>
    public ModelKind Kind { get; private init; }

    /// <summary>Kind of the weights; null when no graph can be read.</summary>
    public string? Dtype { get; private init; }

    /// <summary>All its files but links, by path.</summary>
    public required IReadOnlyList<ModelFile> Files { get; init; }

    /// <summary>The graphs that would be run; relative to the folder.</summary>
    public IReadOnlyList<string> Graphs { get; private init; } = [];

    /// <summary>Files that hold weights of the graphs; relative to the folder.</summary>
    public IReadOnlyList<string> ExternalData { get; private init; } = [];

    /// <summary>Longest sequence; null when no file says.</summary>
    public int? ContextTokens { get; private init; }

    /// <summary>Number of tokens that the model knows; null when no file says.</summary>
    public int? VocabularySize { get; private init; }

    /// <summary>Ids that end the model's turn.</summary>
    public IReadOnlyList<int> EndTokens { get; private init; } = [];

    /// <summary>The KV cache, by layer that owns one; empty for a model without.</summary>
    public IReadOnlyList<KvLayer> KvLayers { get; private init; } = [];

    /// <summary>Bytes of KV cache for one token: unquantised, in int8 and in int4 (scales, which are the model's, aside); null for a model without.</summary>
    public (long None, long Int8, long Int4)? KvBytesPerToken { get; private init; }

    /// <summary>Whether conversations can be written as the model was trained on them.</summary>
    public bool HasChatTemplate { get; private init; }

    /// <summary>What is wrong or lacking, each as a sentence without the final stop; empty when the folder looks complete.</summary>
    public IReadOnlyList<string> Missing { get; private init; } = [];

    /// <summary>Where it came from; null when it was not pulled.</summary>
    public PulledManifest? Pulled { get; private init; }

    /// <summary>Whether it is a model's folder at all.</summary>
    public bool IsModel => Kind != ModelKind.Unknown || Pulled is not null;

    /// <summary>Size of all files.</summary>
    public long SizeBytes => Files.Sum(static file => file.SizeBytes);

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelFolderException">It does not exist, or cannot be read.</exception>
    public static ModelInspection Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFolderException(folder, null, "does not exist: check the path, or fetch the model with \"models pull\"");
        }

        try
        {
            var found = FolderGraphs.Find(folder);
            var missing = new List<string>(found.Missing);
            var facts = found.Graphs.Select(graph => Facts(folder, graph, missing)).ToArray();
            var decoder = facts.FirstOrDefault(static graph => graph?.KvCache.Count > 0);
            var kind = found.Kind == ModelKind.Embedding && decoder is not null ? ModelKind.Generation : found.Kind;
            var faults = missing.Count;
            var config = new FolderConfig(folder, missing);
            var isReadable = missing.Count == faults; // what is not has been told of
            var externalData = found.Graphs.Zip(facts, static (graph, facts) => (facts?.ExternalFiles ?? []).Select(file => Path.Combine(Path.GetDirectoryName(graph)!, file))).SelectMany(static files => files).Distinct().ToArray();
            missing.AddRange(externalData.Where(file => !File.Exists(Path.Combine(folder, file))).Select(static file => $"{file} is missing, which holds weights of a graph"));
            var hasTemplate = HasTemplate(folder, missing);
            missing.AddRange(Lacking(folder, kind, hasTemplate, isReadable ? config : null));
            return new ModelInspection
            {
                Folder = folder,
                Kind = kind,
                Dtype = DtypeOf(found.Graphs, decoder ?? facts.FirstOrDefault()),
                Files = FilesOf(folder),
                Graphs = found.Graphs,
                ExternalData = externalData,
                ContextTokens = config.ContextTokens,
                VocabularySize = config.VocabularySize,
                EndTokens = [.. config.EndTokens.Order()],
                KvLayers = decoder is null ? [] : KvLayer.Of(decoder),
                KvBytesPerToken = decoder is null ? null : BytesPerToken(decoder.PlainKvCache),
                HasChatTemplate = hasTemplate,
                Missing = missing,
                Pulled = PulledManifest.TryRead(folder),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(folder, null, $"cannot be read ({e.Message.TrimEnd('.')}): check its permissions", e);
        }
    }

    private static GraphFacts? Facts(string folder, string graph, List<string> missing)
    {
        try
        {
            return GraphFacts.Read(Path.Combine(folder, graph));
        }
        catch (InvalidDataException e)
        {
            missing.Add($"{graph} is no ONNX file ({e.Message.TrimEnd('.')}): copy it again");
            return null;
        }
    }

    private static bool HasTemplate(string folder, List<string> missing)
    {
        try
        {
            return ChatTemplate.TryRead(folder) is not null;
        }
        catch (ModelFolderException e)
        {
            missing.Add(e.Message.TrimEnd('.'));
            return false;
        }
    }

    private static IEnumerable<string> Lacking(string folder, ModelKind kind, bool hasTemplate, FolderConfig? config)
    {
        if (kind == ModelKind.Unknown)
        {
            yield break;
        }

        foreach (var file in (kind == ModelKind.Embedding ? _embeddingFiles : _decoderFiles).Where(file => !File.Exists(Path.Combine(folder, file))))
        {
            yield return $"{file} is missing: copy it from the model's repository";
        }

        if (kind == ModelKind.Embedding)
        {
            yield break;
        }

        if (config is not null && WhyItDoesNotGenerate(folder, config) is { } problem)
        {
            yield return $"{problem}; without it the model can be a scorer but not generate";
        }

        if (!hasTemplate)
        {
            yield return "there is no chat template (chat_template.jinja, or \"chat_template\" in tokenizer_config.json)";
        }
    }

    private static string? WhyItDoesNotGenerate(string folder, FolderConfig config)
    {
        try
        {
            DecoderConfig.Load(folder);
            return config.EndTokens.Count > 0 ? null : "no file names a token that ends an answer (\"eos_token_id\")";
        }
        catch (ModelFolderException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    // What the file is called says more than what it holds.
    private static string? DtypeOf(IReadOnlyList<string> graphs, GraphFacts? facts) =>
        graphs.Select(static graph => KindSuffix().Match(graph)).FirstOrDefault(static match => match.Success) is { } named ? WeightKinds.OfSuffix(named.Groups[1].Value) : facts?.Dtype;

    private static (long None, long Int8, long Int4) BytesPerToken(IReadOnlyList<GraphTensor> tensors)
    {
        var values = tensors.Sum(static tensor => tensor.Shape[1] * tensor.Shape[3]);
        return (tensors.Sum(static tensor => tensor.Shape[1] * tensor.Shape[3] * (tensor.Type == OnnxProto.Float ? 4 : 2)), values, values / 2);
    }

    private static ModelFile[] FilesOf(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Select(file => new ModelFile(Path.GetRelativePath(folder, file), new FileInfo(file).Length)).OrderBy(static file => file.Path, StringComparer.Ordinal),
    ];

    [GeneratedRegex(@"(_(?:fp16|q4|q4f16|q8|int8|uint8|quantized|bnb4))\.onnx$")]
    private static partial Regex KindSuffix();
}
