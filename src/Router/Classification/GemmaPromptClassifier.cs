using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Classification;

/// <summary>Classifies with an embedding model of the Gemma 4 architecture and a head fitted to the examples of the routes.</summary>
internal sealed partial class GemmaPromptClassifier(ILogger<GemmaPromptClassifier> logger) : IPromptClassifier
{
    private const string InstructionName = "Classification"; // as in the public EmbeddingGemma exports

    private readonly ConditionalWeakTable<RouteTable, PreparedTable> _prepared = [];
    private volatile LoadedModel? _loaded;

    /// <inheritdoc/>
    public string Device => _loaded?.Model.Device ?? "none";

    /// <inheritdoc/>
    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken) =>
        table.Settings.ClassifierFolder is null ? Task.CompletedTask : Task.Run(() => Prepare(table, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification> results)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            results[i] = Classify(batch[i]);
        }
    }

    private Classification Classify(ClassificationInput input)
    {
        var (model, head, labelOfRoute) = _prepared.TryGetValue(input.Table, out var found) ? found : throw new InvalidOperationException("The table was not prepared.");
        var started = Stopwatch.GetTimestamp();
        var window = TokenWindow.Create(model, Instruction(model), input.Text);
        var tokenised = Stopwatch.GetTimestamp();
        Span<float> embedding = new float[model.Dimension];
        model.Embed(window.Tokens.Span, embedding);
        var embedded = Stopwatch.GetTimestamp();
        Normalise(embedding);
        Span<double> byLabel = stackalloc double[head.Labels];
        head.Probabilities(embedding, byLabel);
        var probabilities = new double[labelOfRoute.Length];
        for (var route = 0; route < probabilities.Length; route++)
        {
            probabilities[route] = byLabel[labelOfRoute[route]];
        }

        return new Classification(
            probabilities,
            window.TextTokens,
            window.IsCut,
            Stopwatch.GetElapsedTime(started, tokenised).TotalMilliseconds,
            Stopwatch.GetElapsedTime(tokenised, embedded).TotalMilliseconds,
            Stopwatch.GetElapsedTime(embedded).TotalMilliseconds);
    }

    private void Prepare(RouteTable table, CancellationToken cancellationToken)
    {
        var settings = table.Settings;
        var loaded = _loaded;
        if (loaded is null || loaded.Folder != settings.ClassifierFolder || loaded.Device != settings.Device)
        {
            // the old model is left to its finalizer: a classification may still be running on it
            var model = EmbeddingModel.Load(settings.ClassifierFolder!, Enum.Parse<DevicePreference>(settings.Device, ignoreCase: true), logger);
            loaded = new LoadedModel(settings.ClassifierFolder!, settings.Device, model, new Dictionary<string, float[]>(StringComparer.Ordinal));
        }

        var started = Stopwatch.GetTimestamp();
        var routes = table.Routes.OrderBy(static r => r.Id, StringComparer.Ordinal).ToArray();
        var embeddings = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var examples = new List<HeadExample>();
        for (var label = 0; label < routes.Length; label++)
        {
            foreach (var text in routes[label].Examples.Prepend(routes[label].Description).Distinct())
            {
                cancellationToken.ThrowIfCancellationRequested();
                examples.Add(new HeadExample(text, Embed(text), label, IsCounterExample: false));
            }

            examples.AddRange(routes[label].CounterExamples.Select(text => new HeadExample(text, Embed(text), label, IsCounterExample: true)));
        }

        var embedded = Stopwatch.GetTimestamp();
        var embedMs = Stopwatch.GetElapsedTime(started, embedded).TotalMilliseconds;
        var fit = HeadTrainer.Fit(examples, routes.Length, loaded.Model.Dimension);
        _prepared.AddOrUpdate(table, new PreparedTable(loaded.Model, fit.Head, [.. table.Routes.Select(r => Array.FindIndex(routes, s => s.Id == r.Id))]));
        _loaded = loaded with { ExampleEmbeddings = embeddings };
        var fitMs = Stopwatch.GetElapsedTime(embedded).TotalMilliseconds;
        LogFitted(logger, examples.Count, routes.Length, embedMs, fitMs, fit.Regularisation, fit.Temperature, fit.HeldOutAccuracy);

        float[] Embed(string text) => embeddings.TryGetValue(text, out var known) ? known
            : embeddings[text] = loaded.ExampleEmbeddings.TryGetValue(text, out known) ? known : EmbedExample(loaded.Model, text);
    }

    private static float[] EmbedExample(EmbeddingModel model, string text)
    {
        var embedding = new float[model.Dimension];
        model.Embed(TokenWindow.Create(model, Instruction(model), text).Tokens.Span, embedding);
        Normalise(embedding);
        return embedding;
    }

    private static string Instruction(EmbeddingModel model) => model.Prompts.GetValueOrDefault(InstructionName, "");

    private static void Normalise(Span<float> embedding) => TensorPrimitives.Divide(embedding, TensorPrimitives.Norm<float>(embedding), embedding);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Fitted {Examples} examples of {Routes} routes: embedded in {EmbedMs:F0} ms, head in {FitMs:F0} ms (regularisation {Regularisation}, temperature {Temperature:F2}, accuracy {HeldOutAccuracy:P1} on held-out examples)")]
    private static partial void LogFitted(ILogger logger, int examples, int routes, double embedMs, double fitMs, double regularisation, double temperature, double heldOutAccuracy);

    // The embeddings are those of the running table's examples, so that a reload embeds only what is new.
    private sealed record LoadedModel(string Folder, string Device, EmbeddingModel Model, Dictionary<string, float[]> ExampleEmbeddings);
}
