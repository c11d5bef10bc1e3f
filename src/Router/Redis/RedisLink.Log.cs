using Microsoft.Extensions.Logging;

namespace RouterGateway.Router.Redis;

/// <summary>What the log says: changes, never single requests.</summary>
internal sealed partial class RedisLink
{
    private static readonly TimeSpan _sayAgainAfter = TimeSpan.FromMinutes(1);

    private bool _hasBeenWell;
    private bool _isSaidLost;
    private string? _reasonSaid;
    private long _sayNotBefore = long.MinValue;
    private long _lostAt;

    private void SayWell(bool lookupsHadFailed)
    {
        if (_isSaidLost && _hasBeenWell)
        {
            var lostFor = _timeProvider.GetElapsedTime(_lostAt);
            LogBack(_logger, Endpoints, lostFor.TotalSeconds);
        }
        else if (!_hasBeenWell)
        {
            LogConnected(_logger, Endpoints);
        }
        else if (lookupsHadFailed && _timeProvider.GetTimestamp() >= _sayNotBefore)
        {
            _sayNotBefore = TimestampAfter(_sayAgainAfter);
            LogSlow(_logger, Endpoints);
        }

        (_hasBeenWell, _isSaidLost, _reasonSaid) = (true, false, null);
    }

    // Once, and again when there is another reason: a server that is back, but with another password, is news to who looks for the fault.
    private void SayLost()
    {
        var reason = LastError!;
        if (_isSaidLost && (reason == _reasonSaid || _timeProvider.GetTimestamp() < _sayNotBefore))
        {
            return;
        }

        _lostAt = _isSaidLost ? _lostAt : _timeProvider.GetTimestamp();
        (_isSaidLost, _reasonSaid, _sayNotBefore) = (true, reason, TimestampAfter(_sayAgainAfter));
        LogLost(_logger, reason);
    }

    [LoggerMessage(EventId = 2100, Level = LogLevel.Information, Message = "Redis is connected: {Endpoints}")]
    private static partial void LogConnected(ILogger logger, string endpoints);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Warning, Message = "Redis cannot be used, decisions are remembered in memory only: {Reason}")]
    private static partial void LogLost(ILogger logger, string reason);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Information, Message = "Redis is back after {Seconds:F1} s: {Endpoints}")]
    private static partial void LogBack(ILogger logger, string endpoints, double seconds);

    [LoggerMessage(EventId = 2103, Level = LogLevel.Warning, Message = "Redis answers, but not within the budget of lookups: {Endpoints}; see SLOWLOG on the server, or raise decisions.redisBudget")]
    private static partial void LogSlow(ILogger logger, string endpoints);

    [LoggerMessage(EventId = 2104, Level = LogLevel.Error, Message = "A heartbeat of Redis failed; the next one follows")]
    private static partial void LogBeatFailed(ILogger logger, Exception fault);
}
