using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Scoring;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Scoring;

/// <summary>Asks an instruction model which of the listed routes a text belongs to, and reads the answer off the logits of their labels.</summary>
internal sealed partial class RouteScorer(ILogger<RouteScorer> logger) : IPromptClassifier
{
    // Of a longer text head and tail; the rest of the context is for the list of routes.
    private const int MostTextTokens = 512;
    private const int LeastTextTokens = 64;
    private const int CharactersPerToken = 8; // as in TokenWindow: more than ordinary text has, so that megabytes are never tokenised

    private readonly ConditionalWeakTable<RouteTable, PreparedScoring> _prepared = [];
    private volatile LoadedScorer? _loaded;

    /// <summary>Threads that ask the model; a run of a large one is spread over all cores as well.</summary>
    public static int Threads => Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <inheritdoc/>
    public string Device => _loaded?.Scorer.Device ?? "none";

    /// <summary>One: GroupQueryAttention on the CPU refuses several texts over a past, and runs of one session go side by side.</summary>
    public int LargestBatch => 1;

    /// <inheritdoc/>
    public Task PrepareAsync(RouteTable table, CancellationToken cancellationToken)
    {
        if (table.Settings.ScorerFolder is not null)
        {
            return Task.Run(() => Prepare(table, cancellationToken), cancellationToken);
        }

        _loaded = null; // its memory goes once the last table that was prepared with it has gone
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Classify(ReadOnlySpan<ClassificationInput> batch, Span<Classification.Classification> results)
    {
        for (var i = 0; i < batch.Length; i++)
        {
            results[i] = _prepared.TryGetValue(batch[i].Table, out var prepared)
                ? Score(prepared, batch[i].Text)
                : throw new InvalidOperationException("The table was not prepared.");
        }
    }

    /// <inheritdoc/>
    public string? ModelHash(RouteTable table) => _prepared.TryGetValue(table, out var prepared) ? prepared.Scorer.Hash : null;

    private static Classification.Classification Score(PreparedScoring prepared, string text)
    {
        var started = Stopwatch.GetTimestamp();
        var shortened = TokenWindow.WellFormed(HeadAndTail.Cut(text, prepared.MostTextTokens * CharactersPerToken));
        var tokens = prepared.Scorer.Frame.EncodeText(shortened);
        var isCut = shortened.Length < text.Length || tokens.Length > prepared.MostTextTokens;
        var textTokens = (int)(tokens.Length * ((double)text.Length / Math.Max(1, shortened.Length)));
        int[] read = tokens.Length <= prepared.MostTextTokens
            ? [.. tokens, .. prepared.Closing]
            : [.. tokens[..(prepared.MostTextTokens / 2)], .. tokens[^(prepared.MostTextTokens - (prepared.MostTextTokens / 2))..], .. prepared.Closing];
        var tokenised = Stopwatch.GetTimestamp();
        var byRoute = new double[prepared.LabelTokens.Length];
        Span<float> logits = stackalloc float[byRoute.Length];
        foreach (var listing in prepared.Listings)
        {
            prepared.Scorer.Score(listing.Prefix, read, prepared.LabelTokens, logits);
            SoftMax(logits);
            for (var route = 0; route < byRoute.Length; route++)
            {
                byRoute[route] += logits[listing.LabelOfRoute[route]] / prepared.Listings.Length;
            }
        }

        return new(byRoute, textTokens, isCut, Stopwatch.GetElapsedTime(started, tokenised).TotalMilliseconds, Stopwatch.GetElapsedTime(tokenised).TotalMilliseconds, 0);
    }

    /// <summary>Turns logits into probabilities, however large they are.</summary>
    internal static void SoftMax(Span<float> logits)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits); // the exponential of 89 is infinite, and not every model caps its logits
        TensorPrimitives.SoftMax(logits, logits);
    }

    private void Prepare(RouteTable table, CancellationToken cancellationToken)
    {
        var (folder, device) = (table.Settings.ScorerFolder!, table.Settings.Device);
        if (_loaded is { } loaded && loaded.Folder == folder && loaded.Device == device)
        {
            Prepare(table, loaded, cancellationToken);
            return;
        }

        // the old model is left to its finalizer: a text may still be running on it
        var fresh = new LoadedScorer(folder, device, LabelScorer.Load(folder, Enum.Parse<DevicePreference>(device, ignoreCase: true), logger), []);
        try
        {
            Prepare(table, fresh, cancellationToken);
        }
        catch
        {
            fresh.Scorer.Dispose();
            throw;
        }
    }

    private void Prepare(RouteTable table, LoadedScorer loaded, CancellationToken cancellationToken)
    {
        var folder = loaded.Folder;
        var started = Stopwatch.GetTimestamp();
        var labels = LabelSet.Choose(loaded.Scorer.Frame, table.Routes.Length);
        if (labels.Labels.Length < table.Routes.Length)
        {
            throw new ModelFolderException(folder, "tokenizer.json", $"has {labels.Labels.Length} letters and digits that are tokens of their own, and there are {table.Routes.Length} routes");
        }

        // by id, so that the order of the file decides nothing
        var routes = table.Routes.OrderBy(static route => route.Id, StringComparer.Ordinal).ToArray();
        Route[][] orders = table.Settings.ScorerDebias ? [routes, [.. routes.Reverse()]] : [routes];
        var closing = loaded.Scorer.Frame.EncodeClosing(RoutePrompt.Question);
        var listings = new List<RouteListing>();
        foreach (var order in orders)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var prefix = Prefill(loaded, RoutePrompt.Instructions(order, labels.Labels), closing.Length);
            listings.Add(new RouteListing(prefix, [.. table.Routes.Select(route => Array.IndexOf(order, route))]));
        }

        var longest = loaded.Scorer.ContextTokens - closing.Length - listings.Max(static listing => listing.Prefix.Tokens.Count);
        var prepared = new PreparedScoring(loaded.Scorer, [.. listings], labels.Tokens, closing, Math.Min(longest, MostTextTokens));
        Score(prepared, table.Routes[0].Description); // so that the first request finds all code warm
        _prepared.AddOrUpdate(table, prepared);
        _loaded = loaded with { Prefixes = [.. listings.Select(static listing => listing.Prefix)] };
        var (tokens, kvBytes) = (listings[0].Prefix.Tokens.Count, listings.Sum(static listing => listing.Prefix.KvBytes));
        var elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        LogPrepared(logger, folder, listings.Count, tokens, kvBytes, elapsedMs);
    }

    // A prefix of the running table serves the next one too when nothing in it has changed.
    private static LabelPrefix Prefill(LoadedScorer loaded, string instructions, int closingTokens)
    {
        var opening = loaded.Scorer.Frame.EncodeOpening(instructions);
        return opening.Length > loaded.Scorer.ContextTokens - closingTokens - LeastTextTokens
            ? throw new ModelFolderException(
                loaded.Folder, null, $"reads {loaded.Scorer.ContextTokens} tokens, and the list of the routes takes {opening.Length} of them and the question {closingTokens}: shorten their descriptions")
            : loaded.Prefixes.FirstOrDefault(known => known.Tokens.SequenceEqual(opening)) ?? loaded.Scorer.Prefill(opening);
    }

    [LoggerMessage(EventId = 2020, Level = LogLevel.Information, Message = "{Folder} scores over {Prefixes} shared prefixes of {Tokens} tokens, {KvBytes} bytes of KV cache; prepared in {ElapsedMs:F0} ms")]
    private static partial void LogPrepared(ILogger logger, string folder, int prefixes, int tokens, long kvBytes, double elapsedMs);

    // The prefixes are those of the newest table: a reload that changes no description computes none.
    private sealed record LoadedScorer(string Folder, string Device, LabelScorer Scorer, LabelPrefix[] Prefixes);
}
