using System.Threading.Channels;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Follows the registry: words of new tools within milliseconds, their embeddings soon after; what it knows of a tool already is kept.</summary>
internal sealed partial class ToolIndex(ToolRegistry registry, RouteTableMonitor monitor, TextEmbedder embedder, TimeProvider timeProvider, ILogger<ToolIndex> logger) : BackgroundService
{
    private const int FewestForgotten = 1_000;
    private const int EmbeddedAtOnce = 32;

    private static readonly TimeSpan _retryAfter = TimeSpan.FromSeconds(1);

    // one signal says it all: what changed is looked up
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, ReadOnlyMemory<float>> _vectors = new(StringComparer.Ordinal); // of the model below, by the hash of the tool
    private volatile ToolIndexSnapshot _current = ToolIndexSnapshot.Empty;
    private volatile TaskCompletionSource _next = NewSource();
    private string? _modelHash;

    /// <summary>What is searched now.</summary>
    public ToolIndexSnapshot Current => _current;

    /// <summary>Returns what an owner sees and an index that knows its tools; what was registered a moment ago is waited for.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="atMost">How long to wait; after that the newest tools may be missing in the index.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    public async ValueTask<(ToolIndexSnapshot Snapshot, ToolView View)> ForAsync(string owner, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        while (true)
        {
            var (next, snapshot, view) = (_next.Task, _current, registry.Current.For(owner)); // in this order: a snapshot that comes in between is not missed
            var left = atMost - timeProvider.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || snapshot.Words.PlacesOf(view).IsComplete)
            {
                return (snapshot, view);
            }

            try
            {
                await next.WaitAsync(left, timeProvider, cancellationToken);
            }
            catch (TimeoutException)
            {
                // the words of the others are there
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        registry.Changed += Signal;
        using var reloads = Microsoft.Extensions.Primitives.ChangeToken.OnChange(monitor.GetChangeToken, Signal); // the model may be another
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await WaitAsync(await TryFollowAsync(stoppingToken) ? Timeout.InfiniteTimeSpan : _retryAfter, stoppingToken);
            }
        }
        finally
        {
            registry.Changed -= Signal;
        }
    }

    private void Signal() => _changes.Writer.TryWrite(true);

    private async Task WaitAsync(TimeSpan atMost, CancellationToken stoppingToken)
    {
        try
        {
            await _changes.Reader.WaitToReadAsync(stoppingToken).AsTask().WaitAsync(atMost, timeProvider, stoppingToken);
        }
        catch (TimeoutException)
        {
            // time to try again
        }
    }

    // False when some tools could not be embedded. An unforeseen fault must not end the index.
    private async Task<bool> TryFollowAsync(CancellationToken stoppingToken)
    {
        try
        {
            _changes.Reader.TryRead(out _);
            FollowWords();
            return await FollowMeaningAsync(monitor.Current, stoppingToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFailed(logger, fault);
            return false;
        }
    }

    private void FollowWords()
    {
        var before = _current.Words;
        var tools = registry.Current.Tools.DistinctBy(static tool => tool.Hash).ToArray();
        var known = before.Documents.ToDictionary(static document => document.Hash, StringComparer.Ordinal);
        if (tools.Length == known.Count && tools.All(tool => known.ContainsKey(tool.Hash)))
        {
            return; // a heartbeat
        }

        // in an order of their own, so that nothing depends on who registered first
        var documents = tools.Select(tool => known.GetValueOrDefault(tool.Hash) ?? ToolDocument.Create(tool)).OrderBy(static document => document.Hash, StringComparer.Ordinal);
        var words = new ToolWordIndex([.. documents]);
        Publish(new ToolIndexSnapshot(words, new ToolVectors(words, _modelHash, _vectors)));
    }

    private async Task<bool> FollowMeaningAsync(RouteTable table, CancellationToken stoppingToken)
    {
        var model = embedder.ModelHash(table);
        if (model != _modelHash)
        {
            _vectors.Clear();
            _modelHash = model;
            PublishVectors();
        }

        var words = _current.Words;
        Forget(words);
        var missing = model is null ? [] : words.Documents.Where(document => !_vectors.ContainsKey(document.Hash)).ToArray();
        for (var i = 0; i < missing.Length; i++)
        {
            var embedding = await embedder.EmbedAsync(table, missing[i].Text, _retryAfter, stoppingToken);
            if (embedding.ModelHash == model)
            {
                _vectors[missing[i].Hash] = embedding.Vector;
            }

            var isEnough = (i + 1) % EmbeddedAtOnce == 0 && _changes.Reader.TryPeek(out _); // newer tools first get words
            if (embedding.ModelHash != model || isEnough || i == missing.Length - 1)
            {
                PublishVectors();
                return embedding.ModelHash == model;
            }
        }

        return true;
    }

    private void PublishVectors() => Publish(_current with { Vectors = new ToolVectors(_current.Words, _modelHash, _vectors) });

    private void Publish(ToolIndexSnapshot snapshot)
    {
        _current = snapshot;
        var next = _next;
        _next = NewSource();
        next.TrySetResult();
    }

    // Tools that were there a while ago often come again: a lease ran out, a server was restarted.
    private void Forget(ToolWordIndex words)
    {
        if (_vectors.Count > Math.Max(FewestForgotten, 2 * words.Documents.Count))
        {
            var known = words.Documents.Select(static document => document.Hash).ToHashSet(StringComparer.Ordinal);
            foreach (var hash in _vectors.Keys.Where(hash => !known.Contains(hash)).ToArray())
            {
                _vectors.Remove(hash);
            }
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(EventId = 1341, Level = LogLevel.Error, Message = "The index of tools could not follow the registry; it tries again")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
