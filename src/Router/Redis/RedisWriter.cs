using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace RouterGateway.Router.Redis;

/// <summary>Sends writes in the background, many at once; none is waited for, tried again or missed.</summary>
internal sealed partial class RedisWriter : IAsyncDisposable
{
    /// <summary>Most writes that wait; more are dropped.</summary>
    public const int Capacity = 4096;

    private const int LargestBatch = 128;

    private static readonly TimeSpan _answerAtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _lastWritesAtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _receiptsStay = TimeSpan.FromDays(7); // after the newest, so that those of a gateway that is no more go at last
    private static readonly TimeSpan _logAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Channel<RedisWrite> _waiting = Channel.CreateBounded<RedisWrite>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RedisLink?> _link;
    private readonly RedisMetrics _metrics;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Task _work;
    private readonly ConcurrentDictionary<string, int> _flushed = new(); // which flush of a route was the newest; of everything under ""
    private int _flushes;
    private long _failed;
    private long? _loggedAt;

    /// <summary>Starts to wait for writes.</summary>
    /// <param name="link">Where to: asked for every batch, as it may change.</param>
    /// <param name="metrics">Receives what fails.</param>
    /// <param name="timeProvider">Clock.</param>
    /// <param name="logger">Receives failures, once a minute.</param>
    public RedisWriter(Func<RedisLink?> link, RedisMetrics metrics, TimeProvider timeProvider, ILogger logger)
    {
        (_link, _metrics, _timeProvider, _logger) = (link, metrics, timeProvider, logger);
        _work = Task.Run(() => SendUntilStoppedAsync(_stop.Token));
    }

    /// <summary>Writes that wait now.</summary>
    public int Waiting => _waiting.Reader.Count;

    /// <summary>Queues a value.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool Add(RedisKind kind, Digest id, byte[] value, TimeSpan timeToLive) => Add(new RedisWrite(kind, id, value, timeToLive, 0, Volatile.Read(ref _flushes)));

    /// <summary>Queues a receipt.</summary>
    public void AddReceipt(byte[] receipt, int mostReceipts) => Add(new RedisWrite(null, default, receipt, default, mostReceipts, 0));

    /// <summary>Forgets values that wait: they were decided before a flush.</summary>
    /// <param name="routeId">Those of one route; null = all.</param>
    public void ForgetValues(string? routeId) => _flushed[routeId ?? ""] = Interlocked.Increment(ref _flushes);

    /// <summary>Sends what waits, for a second at most, and stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _work.WaitAsync(_lastWritesAtMost, _timeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private bool Add(in RedisWrite write)
    {
        if (_waiting.Writer.TryWrite(write))
        {
            return true;
        }

        _metrics.WriteDropped();
        return false;
    }

    private bool WasFlushed(in RedisWrite write) =>
        write.Kind is not null && write.Flushes != Volatile.Read(ref _flushes) &&
        (write.Flushes < _flushed.GetValueOrDefault("") || (RedisSweep.RouteOf(write.Value) is { } routeId && write.Flushes < _flushed.GetValueOrDefault(routeId)));

    private async Task SendUntilStoppedAsync(CancellationToken stop)
    {
        var batch = new List<RedisWrite>(LargestBatch);
        while (await _waiting.Reader.WaitToReadAsync(stop))
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _waiting.Reader.TryRead(out var write))
            {
                if (!WasFlushed(write))
                {
                    batch.Add(write);
                }
            }

            try
            {
                await SendAsync(batch, stop);
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogBatchFailed(_logger, fault); // whatever it was, the next batch comes
            }
        }
    }

    private async Task SendAsync(List<RedisWrite> batch, CancellationToken stop)
    {
        if (_link() is not { } link || link.Connection is not { } connection)
        {
            batch.ForEach(_ => _metrics.WriteDropped());
            return;
        }

        var calls = batch.ConvertAll(write => Send(link.Keys, connection, write));
        if (batch.Exists(static write => write.Kind is null))
        {
            calls.Add(connection.Call(link.Keys.Receipts, static (database, key) => database.KeyExpireAsync(key, _receiptsStay)));
        }

        var all = Task.WhenAll(calls);
        await all.WaitAsync(_answerAtMost, _timeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = RedisFailure.Of(all); // observed, should it fail later
        RedisFailure? newest = null;
        foreach (var call in calls)
        {
            if (RedisFailure.Of(call) is { } failure)
            {
                newest = failure;
                _failed++;
                _metrics.WriteFailed();
            }
        }

        if (newest is not null)
        {
            newest = newest.Kind == RedisFailureKind.Connection && connection.HasReplicasOnly ? RedisFailure.NoPrimary : newest;
            link.WriteFailed(newest);
            Log(newest, link);
        }
    }

    // SET replaces what has another type. A write's answer is of no use to lookups, so its failures do not keep them away either.
    private static Task Send(RedisKeys keys, RedisConnection connection, RedisWrite write) => write.Kind is { } kind
        ? connection.Call(
            (Key: keys.Of(kind, write.Id), write),
            static (database, state) => database.StringSetAsync(state.Key, state.write.Value, state.write.TimeToLive))
        : connection.Call(
            (keys.Receipts, write),
            static (database, state) => database.ExecuteAsync("XADD", state.Receipts, "MAXLEN", "~", state.write.MostReceipts, "*", "r", state.write.Value));

    private void Log(RedisFailure failure, RedisLink link)
    {
        if (_loggedAt is { } loggedAt && _timeProvider.GetElapsedTime(loggedAt) < _logAgainAfter)
        {
            return;
        }

        LogWritesFailed(_logger, _failed, failure.Describe(link.Endpoints, link.Settings));
        (_loggedAt, _failed) = (_timeProvider.GetTimestamp(), 0);
    }

    [LoggerMessage(EventId = 2105, Level = LogLevel.Warning, Message = "{Count} writes to Redis failed since this was last said; decisions are not shared meanwhile: {Reason}")]
    private static partial void LogWritesFailed(ILogger logger, long count, string reason);

    [LoggerMessage(EventId = 2106, Level = LogLevel.Error, Message = "A batch of writes to Redis failed; the next one follows")]
    private static partial void LogBatchFailed(ILogger logger, Exception fault);
}
