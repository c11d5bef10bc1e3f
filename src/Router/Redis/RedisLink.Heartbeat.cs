using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>The heartbeat: one loop that connects, notices what the client library does not, and sees flushes and changes of the shared table.</summary>
internal sealed partial class RedisLink
{
    // A call on a connection that died silently is pending for ever in version 1 of the library: after as many beats it is replaced.
    private const int TimeoutsToReplace = 2;

    private static readonly TimeSpan _answerAtMost = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _connectAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _replaceAgainAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _retireAfter = TimeSpan.FromSeconds(1);

    private Task _retiring = Task.CompletedTask;
    private RedisFailure? _connectFailure;
    private long _connectNotBefore = long.MinValue;
    private string? _flushMarker;
    private bool _hasReadFlushMarker;
    private bool _mayHaveMissedFlush;
    private bool _wantsNewConnection;
    private bool _isBroken;
    private volatile bool _wantsNewPrimary;
    private int _timeoutsInARow;

    /// <summary>Time from an answer, or the lack of one, to the next beat.</summary>
    public static TimeSpan BeatEvery { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A flush of our own: seeing it is no news.</summary>
    public void Remember(string flushMarker) => Volatile.Write(ref _flushMarker, flushMarker);

    /// <summary>A write failed. Lookups go on as they are, but the primary may be another one by now.</summary>
    public void WriteFailed(RedisFailure failure)
    {
        Note(failure);
        _wantsNewPrimary |= failure.IsAboutThePrimary;
    }

    private async Task BeatUntilStoppedAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await BeatAsync(stop);
            }
            catch (Exception fault) when (!stop.IsCancellationRequested)
            {
                LogBeatFailed(_logger, fault); // whatever it was, the next beat comes
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(BeatEvery, _timeProvider, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task BeatAsync(CancellationToken stop)
    {
        if ((_connection is null || _wantsNewConnection || _wantsNewPrimary) && _timeProvider.GetTimestamp() >= _connectNotBefore)
        {
            await ConnectAsync(stop);
            _firstAttempt.TrySetResult();
        }

        if (_connection is not { } connection)
        {
            _table.Lost();
            return;
        }

        var read = connection.Call(Keys.FlushMarker, static (database, key) => database.StringGetAsync(key));
        var readVersion = _table.IsWatched ? connection.Call(Keys.ToolsVersion, static (database, key) => database.StringGetAsync(key)) : null; // no further round trip
        await ((Task)read.WaitAsync(_answerAtMost, _timeProvider, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        switch (RedisFailure.Of(read))
        {
            case null:
                Answered();
                See(await read);
                break;
            case { Kind: RedisFailureKind.Server, RefusesUs: false } failure: // it is loading, or the key is not ours: it answers, so nobody waits
                Note(failure);
                _mayHaveMissedFlush = true;
                Answered();
                break;
            case { } failure:
                _mayHaveMissedFlush = true;
                Missed(failure);
                break;
        }

        if (readVersion is not null)
        {
            await SeeTableAsync(readVersion, read.IsCompleted ? _answerAtMost : TimeSpan.Zero, stop); // answers come in the order of what was asked
        }
    }

    private async Task SeeTableAsync(Task<RedisValue> read, TimeSpan patience, CancellationToken stop)
    {
        await ((Task)read.WaitAsync(patience, _timeProvider, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.ThrowIfCancellationRequested();
        if (RedisFailure.Of(read) is null)
        {
            _table.See(this, await read);
        }
        else
        {
            _table.Lost();
        }
    }

    // The connection before stays until there is a better one: a hung one may go on by itself, and the lookups of a good one end undisturbed. One
    // that broke is let go of: version 1 of the library would connect a hundred times a second to a server that is loading.
    private async Task ConnectAsync(CancellationToken stop)
    {
        try
        {
            var connection = await RedisConnection.ConnectAsync(Settings, _certificateValidation, _timeProvider, stop);
            var before = _connection;
            _connection = connection;
            (_connectFailure, _wantsNewConnection, _wantsNewPrimary, _isBroken, _timeoutsInARow) = (null, false, false, false, 0);
            _connectNotBefore = TimestampAfter(_replaceAgainAfter);
            Retire(before, _retireAfter);
        }
        catch (Exception fault) when (!stop.IsCancellationRequested)
        {
            _connectFailure = RedisFailure.Of(fault);
            Note(_connectFailure);
            _connectNotBefore = TimestampAfter(_connectAgainAfter);
            if (_isBroken)
            {
                Retire(_connection, TimeSpan.Zero);
                (_connection, _isBroken) = (null, false);
            }

            if (_connection is null)
            {
                _mayHaveMissedFlush = true;
                SayLost();
            }
        }
    }

    private void Retire(RedisConnection? connection, TimeSpan after)
    {
        if (connection is not null)
        {
            _retiring = _retiring.IsCompleted ? RetireAsync() : Task.WhenAll(_retiring, RetireAsync());
        }

        async Task RetireAsync()
        {
            await Task.Delay(after, _timeProvider, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await connection.CloseAsync(_timeProvider);
        }
    }

    private long TimestampAfter(TimeSpan time) => _timeProvider.GetTimestamp() + (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);

    private void Answered()
    {
        (_connectFailure, _wantsNewConnection, _isBroken, _timeoutsInARow) = (null, false, false, 0);
        SayWell(lookupsHadFailed: _breaker.Succeed());
    }

    private void Missed(RedisFailure failure)
    {
        Note(_connectFailure ?? failure); // the reason why no other connection could be had tells more
        _isBroken = failure.Kind == RedisFailureKind.Connection;
        _wantsNewConnection = failure.Kind != RedisFailureKind.Timeout || ++_timeoutsInARow >= TimeoutsToReplace;
        _breaker.Fail();
        if (_breaker.IsOpen)
        {
            SayLost();
        }
    }

    // A marker that is gone is no flush: a server that lost everything is empty, and what is in memory is still right. The first one that is seen
    // is news unless it was there from the very start, when nothing had been decided yet.
    private void See(RedisValue marker)
    {
        var isNews = _hasReadFlushMarker || _mayHaveMissedFlush;
        (_hasReadFlushMarker, _mayHaveMissedFlush) = (true, false);
        var before = Volatile.Read(ref _flushMarker);
        if (marker.IsNull || (string?)marker is not { } seen || seen == before)
        {
            return;
        }

        Volatile.Write(ref _flushMarker, seen);
        foreach (var routeId in isNews ? FlushMarker.Since(before, seen) : [])
        {
            _onFlushed(routeId);
        }
    }
}
