using System.Net.Security;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Redis;

/// <summary>The Redis server that gateways share. Nothing here throws, and nothing waits longer than it is told to.</summary>
internal sealed class RedisStore : IAsyncDisposable
{
    private static readonly TimeSpan _leastBudget = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _timeProvider;
    private readonly ILogger<RedisStore> _logger;
    private readonly RedisMetrics _metrics;
    private readonly RedisWriter _writer;
    private readonly Lock _configuring = new();
    private volatile RedisLink? _link;
    private Task _closing = Task.CompletedTask;
    private bool _hasBeenConfigured;
    private bool _isDisposed;

    public RedisStore(TimeProvider timeProvider, ILogger<RedisStore> logger)
    {
        (_timeProvider, _logger) = (timeProvider, logger);
        TableWatch = new SharedTableWatch(logger);
        _metrics = new RedisMetrics(() => _link is { } link ? link.Usable is not null : null);
        _writer = new RedisWriter(() => _link, _metrics, timeProvider, logger);
    }

    /// <summary>Another gateway flushed what the prefix holds of a route, or all of it when that is null; what was read from it before is to be forgotten.</summary>
    public event Action<string?>? Flushed;

    /// <summary>True when a server is named.</summary>
    public bool IsConfigured => _link is not null;

    /// <summary>The link to the server; null when none is named.</summary>
    public RedisLink? Link => _link;

    /// <summary>Who wants to know when the shared table is another one.</summary>
    public SharedTableWatch TableWatch { get; }

    /// <summary>Decides on a server's certificate; null = the system does.</summary>
    internal RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    /// <summary>Connects to a server in the background, instead of the one before; null: to none. Equal settings change nothing.</summary>
    public void Configure(RedisSettings? settings)
    {
        lock (_configuring)
        {
            var before = _link;
            if (_isDisposed || before?.Settings == settings)
            {
                return;
            }

            _link = settings is null ? null : new RedisLink(settings, _hasBeenConfigured, SeeFlush, TableWatch, _metrics, CertificateValidation, _timeProvider, _logger);
            _hasBeenConfigured = true; // from now on there may be decisions in memory that a flush was meant for
            if (before is not null)
            {
                _closing = Task.WhenAll(_closing, CloseAsync(before));
            }
        }
    }

    /// <summary>Reads a value.</summary>
    /// <param name="kind">Which kind of value.</param>
    /// <param name="id">Its name.</param>
    /// <param name="budget">How long to wait; less than a millisecond: not at all.</param>
    /// <returns>Null when there is none, or when the server could not say so in time.</returns>
    public ValueTask<byte[]?> GetAsync(RedisKind kind, Digest id, TimeSpan budget) =>
        budget >= _leastBudget && _link is { Usable: { } connection } link // timers know no less
            ? link.GetAsync(connection, link.Keys.Of(kind, id), budget)
            : default;

    /// <summary>Writes a value in the background; dropped, and counted, when too many wait or the server is not well.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool Set(RedisKind kind, Digest id, byte[] value, TimeSpan timeToLive) => timeToLive >= _leastBudget && CanWrite() && _writer.Add(kind, id, value, timeToLive);

    /// <summary>Appends a receipt to the shared stream in the background; dropped as by <see cref="Set"/>.</summary>
    /// <param name="receipt">UTF-8 JSON.</param>
    /// <param name="mostReceipts">About how many the stream keeps.</param>
    public void AppendReceipt(byte[] receipt, int mostReceipts)
    {
        if (mostReceipts > 0 && CanWrite())
        {
            _writer.AddReceipt(receipt, mostReceipts);
        }
    }

    /// <summary>Reads receipts, newest first, in pages until the caller has enough.</summary>
    /// <param name="since">None that was appended before; null = all that are there.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public IAsyncEnumerable<byte[]> ReadReceiptsAsync(DateTimeOffset? since, CancellationToken cancellationToken) =>
        _link is { } link ? RedisReceipts.ReadAsync(link, since, cancellationToken) : AsyncEnumerable.Empty<byte[]>();

    /// <summary>Deletes decisions and conversations, here and for every gateway of the prefix. What another gateway decides in the half second
    /// until it knows may stay.</summary>
    /// <param name="routeId">Those of one route; null = all.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <returns>How many keys were deleted.</returns>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public async Task<long> FlushAsync(string? routeId, CancellationToken cancellationToken)
    {
        if (_link is not { } link)
        {
            return 0;
        }

        // Before, so that gateways forget even when deleting fails halfway; and after, as meanwhile they read what was not yet deleted.
        _writer.ForgetValues(routeId);
        await TellAsync(link, routeId, cancellationToken);
        var deleted = await RedisSweep.DeleteAsync(link, routeId, cancellationToken);
        await TellAsync(link, routeId, cancellationToken);
        _writer.ForgetValues(routeId);
        return deleted;
    }

    /// <summary>How it does; null when no server is named.</summary>
    public RedisStatus? GetStatus() => _link is not { } link ? null : new RedisStatus
    {
        IsWell = link.Usable is not null,
        Endpoints = link.Endpoints,
        LastError = link.LastError,
        LastErrorAge = link.LastErrorAge,
        Errors = _metrics.Errors,
        Timeouts = _metrics.Timeouts,
        DroppedWrites = _metrics.DroppedWrites,
        WaitingWrites = _writer.Waiting,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_configuring)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        await _writer.DisposeAsync();
        if (_link is { } link)
        {
            await link.DisposeAsync();
        }

        await _closing;
        _metrics.Dispose();
    }

    private static async Task TellAsync(RedisLink link, string? routeId, CancellationToken cancellationToken)
    {
        var before = await link.AskAsync(connection => connection.Database.StringGetAsync(link.Keys.FlushMarker), cancellationToken);
        var marker = FlushMarker.Append(before, routeId);
        link.Remember(marker);
        await link.AskAsync(connection => connection.Database.StringSetAsync(link.Keys.FlushMarker, marker), cancellationToken);
    }

    private async Task CloseAsync(RedisLink link)
    {
        await link.DisposeAsync();
        if (_link is null)
        {
            TableWatch.See(null, null); // there is no heartbeat any more that would
        }
    }

    // Lookups that were late keep other lookups away for a moment. Writes wait for nobody, and go on while there is a connection.
    private bool CanWrite()
    {
        if (_link is not { } link)
        {
            return false;
        }

        if (link.Connection is not null)
        {
            return true;
        }

        _metrics.WriteDropped();
        return false;
    }

    private void SeeFlush(string? routeId)
    {
        _writer.ForgetValues(routeId);
        Flushed?.Invoke(routeId);
    }
}
