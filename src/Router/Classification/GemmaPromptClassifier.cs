using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Classifies with an embedding model of the Gemma 4 architecture and a head fitted to the examples of the routes.</summary>
/// <param name="logger">Receives what was fitted.</param>
/// <param name="batchOnCpu">Batches also where it does not pay, for tests.</param>
internal sealed partial class GemmaPromptClassifier(ILogger<GemmaPromptClassifier> logger, bool batchOnCpu = false) : IPromptClassifier
{
    private const int LargestUsefulBatch = 32;
    private readonly ConditionalWeakTable<RouteTable, PreparedTable> _prepared = [];
    private volatile LoadedModel? _loaded;

    /// <inheritdoc/>
    public string Device => _loaded?.Encoder.Device ?? "none";

    /// <summary>On the CPU one: a run of 32 texts takes as long as 32 runs (measured: 16 tokens 6.5 and 9.4 ms, 64 tokens 28 and 30 ms,
    /// 512 tokens 412 and 318 ms), and texts taken one by one spread over the threads.</summary>
    public int LargestBatch => batchOnCpu || Device == "cuda" ? LargestUsefulBatch : 1;

    /// <inheritdoc/>
    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken)
    {
        if (table.Settings.ClassifierFolder is not null)
        {
            return Task.Run(() => Prepare(table, cancellationToken), cancellationToken);
        }

        _loaded = null; // its memory goes once the last table that was prepared with it has gone
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification> results)
    {
        for (var start = 0; start < batch.Length;)
        {
            var encoder = Prepared(batch[start].Table).Encoder; // two models only while one replaces the other
            var end = start + 1;
            while (end < batch.Length && Prepared(batch[end].Table).Encoder == encoder)
            {
                end++;
            }

            Classify(encoder, batch[start..end], results[start..end]);
            start = end;
        }
    }

    /// <inheritdoc/>
    public string? ModelHash(RouteTable table) => _prepared.TryGetValue(table, out var prepared) ? prepared.Encoder.Hash : null;

    private void Classify(PromptEncoder encoder, ReadOnlySpan<ClassificationInput> batch, Span<Classification> results)
    {
        var started = Stopwatch.GetTimestamp();
        var windows = new TokenWindow[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            windows[i] = encoder.Tokenise(batch[i].Text);
        }

        var tokenised = Stopwatch.GetTimestamp();
        var encoded = new float[batch.Length * encoder.Dimension];
        encoder.Encode(windows, encoded);
        var embedded = Stopwatch.GetTimestamp();
        var tokeniseMs = Stopwatch.GetElapsedTime(started, tokenised).TotalMilliseconds;
        var embedMs = Stopwatch.GetElapsedTime(tokenised, embedded).TotalMilliseconds;
        for (var i = 0; i < batch.Length; i++)
        {
            var probabilities = Probabilities(Prepared(batch[i].Table), encoded.AsSpan(i * encoder.Dimension, encoder.Dimension), windows[i].Text);
            var headMs = Stopwatch.GetElapsedTime(embedded).TotalMilliseconds;
            var embedding = batch[i].Table.Decisions.Similarity is null && !batch[i].WantsEmbedding ? null : encoded.AsSpan(i * encoder.Dimension, encoder.EmbeddingDimension).ToArray();
            results[i] = new Classification(probabilities, windows[i].TextTokens, windows[i].IsCut, tokeniseMs, embedMs, headMs, embedding);
        }
    }

    private static double[] Probabilities(PreparedTable table, ReadOnlySpan<float> encoded, string text)
    {
        Span<double> byLabel = stackalloc double[table.Head.Labels];
        table.Head.Probabilities(encoded, table.Words.Read(text), byLabel);
        var byRoute = new double[table.LabelOfRoute.Length];
        for (var route = 0; route < byRoute.Length; route++)
        {
            byRoute[route] = byLabel[table.LabelOfRoute[route]];
        }

        return byRoute;
    }

    private PreparedTable Prepared(RouteTable table) =>
        _prepared.TryGetValue(table, out var prepared) ? prepared : throw new InvalidOperationException("The table was not prepared.");

    private void Prepare(RouteTable table, CancellationToken cancellationToken)
    {
        var settings = table.Settings;
        var loaded = _loaded;
        if (loaded is null || loaded.Folder != settings.ClassifierFolder || loaded.Device != settings.Device)
        {
            // the old model is left to its finalizer: a classification may still be running on it
            var model = EmbeddingModel.Load(settings.ClassifierFolder!, Enum.Parse<DevicePreference>(settings.Device, ignoreCase: true), logger);
            var encoder = new PromptEncoder(model, Lexicon.TryLoad(settings.ClassifierFolder!));
            loaded = new LoadedModel(settings.ClassifierFolder!, settings.Device, encoder, new Dictionary<string, float[]>(StringComparer.Ordinal));
        }

        var started = Stopwatch.GetTimestamp();
        var routes = table.Routes.OrderBy(static r => r.Id, StringComparer.Ordinal).ToArray();
        var embeddings = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var words = ExampleWords.Fit([.. routes.SelectMany(static route => route.Examples.Prepend(route.Description).Distinct())]);
        var examples = new List<HeadExample>();
        for (var label = 0; label < routes.Length; label++)
        {
            foreach (var text in routes[label].Examples.Prepend(routes[label].Description).Distinct())
            {
                cancellationToken.ThrowIfCancellationRequested();
                examples.Add(new HeadExample(text, Embed(text), words.Read(text), label, IsCounterExample: false));
            }

            examples.AddRange(routes[label].CounterExamples.Select(text => new HeadExample(text, Embed(text), words.Read(text), label, IsCounterExample: true)));
        }

        var embedded = Stopwatch.GetTimestamp();
        var embedMs = Stopwatch.GetElapsedTime(started, embedded).TotalMilliseconds;
        var fit = HeadTrainer.Fit(examples, new HeadShape(routes.Length, loaded.Encoder.Dimension, words.Features));
        _prepared.AddOrUpdate(table, new PreparedTable(loaded.Encoder, words, fit.Head, [.. table.Routes.Select(r => Array.FindIndex(routes, s => s.Id == r.Id))]));
        _loaded = loaded with { ExampleEmbeddings = embeddings };
        var fitMs = Stopwatch.GetElapsedTime(embedded).TotalMilliseconds;
        LogFitted(logger, examples.Count, routes.Length, embedMs, fitMs, fit.Regularisation, fit.Temperature, fit.HeldOutAccuracy);

        float[] Embed(string text) => embeddings.TryGetValue(text, out var known) ? known
            : embeddings[text] = loaded.ExampleEmbeddings.TryGetValue(text, out known) ? known : EncodeExample(loaded.Encoder, text);
    }

    private static float[] EncodeExample(PromptEncoder encoder, string text)
    {
        var encoded = new float[encoder.Dimension];
        encoder.Encode([encoder.Tokenise(text)], encoded);
        return TensorPrimitives.IsFiniteAll<float>(encoded) ? encoded : throw new InvalidDataException($"The classifier gives no numbers for the example \"{text}\".");
    }

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Fitted {Examples} examples of {Routes} routes: embedded in {EmbedMs:F0} ms, head in {FitMs:F0} ms (regularisation {Regularisation}, temperature {Temperature:F2}, accuracy {HeldOutAccuracy:P1} on held-out examples)")]
    private static partial void LogFitted(ILogger logger, int examples, int routes, double embedMs, double fitMs, double regularisation, double temperature, double heldOutAccuracy);

    // The embeddings are those of the running table's examples, so that a reload embeds only what is new.
    private sealed record LoadedModel(string Folder, string Device, PromptEncoder Encoder, Dictionary<string, float[]> ExampleEmbeddings);
}
