using System.Diagnostics;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>Selects tools for prompts whose right tools are known: as the gateway does, and in the ways that it must beat.</summary>
internal sealed class ToolEvaluation
{
    private const string Bm25 = "BM25";

    private const int MostAttempts = 100;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30); // there is nobody else: the first runs are slow

    private readonly TextEmbedder _embedder;
    private readonly RouteTable _table;
    private readonly ToolView _view;
    private readonly ToolIndexSnapshot _snapshot;
    private readonly TermIndex _words;
    private readonly int[] _documentOfTool; // in the order of the view

    private ToolEvaluation(TextEmbedder embedder, RouteTable table, ToolView view, ToolIndexSnapshot snapshot)
    {
        (_embedder, _table, _view, _snapshot) = (embedder, table, view, snapshot);
        _documentOfTool = snapshot.Words.PlacesOf(view).Documents.ToArray();
        _words = TermIndex.Bm25([.. snapshot.Words.Documents.Select(static document => Words(document.Text).Order().ToArray())], k1: 1.2, b: 0.75);
    }

    /// <summary>What is measured. BM25 is the textbook's: words in lower case, identifiers split, k1 1.2, b 0.75.</summary>
    public static IReadOnlyList<(string Name, FusionWeights Weights)> Ways { get; } =
        [(Bm25, default), ("embedding", FusionWeights.MeaningAlone), ("words of the gateway", FusionWeights.WordsAlone), ("gateway", FusionWeights.Fused)];

    public static async Task<ToolEvaluation> CreateAsync(TextEmbedder embedder, RouteTable table, ToolEvaluationFiles files, CancellationToken cancellationToken)
    {
        RegisteredTool[] tools = [.. files.Tools.Select(static tool => new RegisteredTool(tool, "evaluation", ToolSource.File))];
        var words = new ToolWordIndex([.. tools.DistinctBy(static tool => tool.Hash).Select(ToolDocument.Create).OrderBy(static document => document.Hash, StringComparer.Ordinal)]);
        var vectors = new Dictionary<string, ReadOnlyMemory<float>>(StringComparer.Ordinal);
        foreach (var document in words.Documents)
        {
            vectors[document.Hash] = await EmbedAsync(embedder, table, document.Text, cancellationToken);
        }

        return new ToolEvaluation(embedder, table, ToolView.Create("evaluation", [.. tools]), new ToolIndexSnapshot(words, new ToolVectors(words, embedder.ModelHash(table), vectors)));
    }

    /// <summary>Measures one way.</summary>
    public async Task<ToolRecall> MeasureAsync((string Name, FusionWeights Weights) way, IReadOnlyList<ToolEvaluationQuery> queries, CancellationToken cancellationToken)
    {
        var recall = new ToolRecall();
        foreach (var query in queries)
        {
            var started = Stopwatch.GetTimestamp();
            var selected = way.Name == Bm25 ? ByWords(query.Text) : await SelectAsync(query.Text, way.Weights, cancellationToken);
            recall.Add(query.Tools, selected, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return recall;
    }

    /// <summary>Selects as the gateway does, with these weights.</summary>
    public async Task<IReadOnlyList<string>> SelectAsync(string text, FusionWeights weights, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<float> vector = weights.Meaning == 0 ? default : await EmbedAsync(_embedder, _table, ToolSelector.Shorten(text), cancellationToken);
        var found = ToolSearch.Find(_snapshot, _view, new ToolQuery { Text = text, Top = ToolRecall.Depths[^1] }, vector.Span, weights);
        return [.. found.Select(static scored => scored.Tool.Name)];
    }

    // Figures must not depend on a moment in which the machine was busy: what was refused or late is asked again.
    private static async Task<ReadOnlyMemory<float>> EmbedAsync(TextEmbedder embedder, RouteTable table, string text, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var embedding = await embedder.EmbedAsync(table, text, _patience, cancellationToken);
            if (embedding.Outcome is TextEmbeddingOutcome.Embedded or TextEmbeddingOutcome.NoModel || attempt == MostAttempts)
            {
                return embedding.Vector;
            }

            await Task.Delay(_pause, cancellationToken);
        }
    }

    private string[] ByWords(string text)
    {
        var terms = Words(text);
        ToolTerms.Distinct(terms);
        var scores = new float[_snapshot.Words.Documents.Count];
        _words.Score(terms, scores);
        return [.. Enumerable.Range(0, _view.Tools.Length).OrderByDescending(tool => scores[_documentOfTool[tool]]).Take(ToolRecall.Depths[^1]).Select(tool => _view.Tools[tool].Name)];
    }

    private static List<ulong> Words(string text)
    {
        var words = new List<ulong>();
        ToolTerms.AddWords(text, words);
        return words;
    }
}
