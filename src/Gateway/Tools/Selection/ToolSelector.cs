using System.Diagnostics.Metrics;
using RouterGateway.Gateway.Telemetry;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Selects the tools that fit a prompt best, by words and by meaning; by words alone when the model cannot say in time.</summary>
internal sealed partial class ToolSelector : IDisposable
{
    // Head and tail, about 128 tokens: embedding twice as many takes longer than all the rest.
    private const int MostCharacters = 512;

    private readonly ToolIndex _index;
    private readonly TextEmbedder _embedder;
    private readonly ToolHealth _health;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ToolSelector> _logger;
    private readonly Meter _meter;
    private readonly Counter<long> _selections;

    public ToolSelector(ToolIndex index, TextEmbedder embedder, ToolHealth health, TimeProvider timeProvider, ILogger<ToolSelector> logger)
    {
        (_index, _embedder, _health, _timeProvider, _logger) = (index, embedder, health, timeProvider, logger);
        _meter = new Meter(new MeterOptions(GatewayMetrics.MeterName) { Scope = this });
        _selections = _meter.CreateCounter<long>("gateway.tools.selections", "{selection}", "Selections of tools, by what came of embedding the prompt; all but embedded went by words alone.");
    }

    /// <summary>Selects tools; never fails.</summary>
    /// <param name="table">Whose classifier embeds the prompt, and whose deadline bounds it.</param>
    /// <param name="owner">Whose tools are searched.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <returns>Best first, equal ones by name; fewer than wanted when there are no more.</returns>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask<IReadOnlyList<ScoredTool>> SelectAsync(RouteTable table, string owner, ToolQuery query, CancellationToken cancellationToken)
    {
        if (query.Top <= 0)
        {
            return [];
        }

        try
        {
            var started = _timeProvider.GetTimestamp();
            var (snapshot, view) = await _index.ForAsync(owner, table.Settings.Deadline, cancellationToken);
            if (view.Tools.IsEmpty)
            {
                return [];
            }

            var left = table.Settings.Deadline - _timeProvider.GetElapsedTime(started);
            var embedding = await _embedder.EmbedAsync(table, Shorten(query.Text), left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            var isComparable = embedding.ModelHash is not null && embedding.ModelHash == snapshot.Vectors.ModelHash && snapshot.Vectors.Known > 0;
            _selections.Add(1, new KeyValuePair<string, object?>("outcome", Name(embedding.Outcome, isComparable)));
            return ToolSearch.Find(snapshot, view, query, isComparable ? embedding.Vector.Span : [], isComparable ? FusionWeights.Fused : FusionWeights.WordsAlone, _health);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _selections.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
            LogFailed(_logger, fault);
            return [];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    /// <summary>What of a prompt is embedded.</summary>
    internal static string Shorten(string text) =>
        text.Length <= MostCharacters ? text : string.Concat(text.AsSpan(0, MostCharacters / 2), "\n", text.AsSpan(text.Length - (MostCharacters / 2)));

    private static string Name(TextEmbeddingOutcome outcome, bool isComparable) => outcome switch
    {
        TextEmbeddingOutcome.Embedded => isComparable ? "embedded" : "not_indexed",
        TextEmbeddingOutcome.NoModel => "no_model",
        TextEmbeddingOutcome.Late => "late",
        TextEmbeddingOutcome.Overload => "overload",
        _ => "error",
    };

    [LoggerMessage(EventId = 1342, Level = LogLevel.Error, Message = "Tools could not be selected; the prompt goes on without")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
