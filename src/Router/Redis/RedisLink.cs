using System.Net.Security;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Resilience;
using RouterGateway.Router.Routes;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>
/// The link to one server or cluster: a connection, the heartbeat that watches and renews it, and the lookups on it. Only plain commands are
/// sent, and no Lua scripts that a server would have to remember, so one that was restarted or flushed of its scripts lacks nothing.
/// </summary>
internal sealed partial class RedisLink : IAsyncDisposable
{
    private const int FailuresToOpen = 3;

    private static readonly TimeSpan _askAtMost = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _stopAtMost = TimeSpan.FromSeconds(1);

    private readonly RedisMetrics _metrics;
    private readonly Action<string?> _onFlushed;
    private readonly SharedTableWatch _table;
    private readonly RemoteCertificateValidationCallback? _certificateValidation;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CircuitBreaker _breaker;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstAttempt = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _heartbeat;
    private volatile RedisConnection? _connection;
    private volatile RedisFailure? _newestFailure;
    private long _failedAt;

    /// <summary>Starts to connect in the background.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="mayHaveMissedFlush">True when what was read or decided before may have been flushed unseen.</param>
    /// <param name="onFlushed">Called on the heartbeat with what somebody else flushed: a route, or everything when it is null.</param>
    /// <param name="table">Is told which version of the shared table is there, while it is watched.</param>
    /// <param name="metrics">Receives what happens to lookups.</param>
    /// <param name="certificateValidation">Decides on the server's certificate; null = the system does.</param>
    /// <param name="timeProvider">Clock.</param>
    /// <param name="logger">Receives what the connection does, not what requests do.</param>
    public RedisLink(
        RedisSettings settings,
        bool mayHaveMissedFlush,
        Action<string?> onFlushed,
        SharedTableWatch table,
        RedisMetrics metrics,
        RemoteCertificateValidationCallback? certificateValidation,
        TimeProvider timeProvider,
        ILogger logger)
    {
        (Settings, _mayHaveMissedFlush, _onFlushed, _table, _metrics) = (settings, mayHaveMissedFlush, onFlushed, table, metrics);
        (_certificateValidation, _timeProvider, _logger) = (certificateValidation, timeProvider, logger);
        _breaker = new CircuitBreaker(timeProvider, FailuresToOpen, BeatEvery, BeatEvery);
        Keys = new RedisKeys(settings.Prefix);
        Endpoints = RedisConnection.NameEndpoints(settings.Configuration);
        _heartbeat = Task.Run(() => BeatUntilStoppedAsync(_stop.Token));
    }

    /// <summary>What it was made from.</summary>
    public RedisSettings Settings { get; }

    /// <summary>The keys behind the prefix.</summary>
    public RedisKeys Keys { get; }

    /// <summary>The servers, for messages.</summary>
    public string Endpoints { get; }

    /// <summary>The connection, well or not; null while there is none.</summary>
    public RedisConnection? Connection => _connection;

    /// <summary>The connection, while it is worth waiting for an answer; else null.</summary>
    public RedisConnection? Usable => _breaker.IsOpen ? null : _connection;

    /// <summary>The newest failure as a sentence; null while there was none.</summary>
    public string? LastError => _newestFailure?.Describe(Endpoints, Settings);

    /// <summary>How long ago that was; null while there was none.</summary>
    public TimeSpan? LastErrorAge => _newestFailure is null ? null : _timeProvider.GetElapsedTime(Volatile.Read(ref _failedAt));

    /// <summary>Reads a value; any failure is a miss.</summary>
    /// <param name="connection">From <see cref="Usable"/>.</param>
    /// <param name="key">The key.</param>
    /// <param name="budget">How long to wait.</param>
    public async ValueTask<byte[]?> GetAsync(RedisConnection connection, RedisKey key, TimeSpan budget)
    {
        var started = _timeProvider.GetTimestamp();
        var read = connection.Call(key, static (database, key) => database.StringGetAsync(key));
        await ((Task)read.WaitAsync(budget, _timeProvider)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failure = RedisFailure.Of(read);
        _metrics.LookupEnded(_timeProvider.GetElapsedTime(started), failure);
        if (failure is null)
        {
            if (!_breaker.IsOpen)
            {
                _breaker.Succeed(); // an open one is closed by the heartbeat alone, else stragglers would open and close it in turns
            }

            return await read;
        }

        Note(failure);
        if (failure.Kind != RedisFailureKind.Server && ReferenceEquals(connection, _connection))
        {
            _breaker.Fail();
        }

        return null;
    }

    /// <summary>Asks something that is no lookup: somebody waits for the answer, and not for a decision.</summary>
    /// <param name="ask">What to ask; it may throw <see cref="RedisUnavailableException"/> when it knows better what is wrong.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisUnavailableException">There is no answer.</exception>
    public async Task<T> AskAsync<T>(Func<RedisConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        await _firstAttempt.Task.WaitAsync(cancellationToken); // a program that was just started may ask at once
        if (_connection is not { } connection)
        {
            throw new RedisUnavailableException(LastError ?? $"{Endpoints} is not connected.");
        }

        var call = connection.Call(ask, (_, ask) => ask(connection));
        await ((Task)call.WaitAsync(_askAtMost, _timeProvider, cancellationToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (RedisFailure.Of(call) is not { Cause: not RedisUnavailableException } failure)
        {
            return await call;
        }

        cancellationToken.ThrowIfCancellationRequested();
        failure = failure.Kind == RedisFailureKind.Connection && connection.HasReplicasOnly ? RedisFailure.NoPrimary : failure;
        if (failure.IsAboutThePrimary)
        {
            WriteFailed(failure);
        }

        throw new RedisUnavailableException(failure.Describe(Endpoints, Settings));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _firstAttempt.TrySetResult();
        await _heartbeat.WaitAsync(_stopAtMost, _timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
        {
            await connection.CloseAsync(_timeProvider);
        }

        await _retiring;
        _stop.Dispose();
    }

    private void Note(RedisFailure failure)
    {
        Volatile.Write(ref _failedAt, _timeProvider.GetTimestamp());
        _newestFailure = failure;
    }
}
