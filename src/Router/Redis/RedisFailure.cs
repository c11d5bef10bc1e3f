using RouterGateway.Router.Routes;
using RouterGateway.Router.Routes.Source;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>A call to Redis that failed, as a value: lookups neither throw nor put sentences together.</summary>
/// <param name="Kind">What kind of failure.</param>
/// <param name="Cause">What the client library said; null when it said nothing in time.</param>
internal sealed record RedisFailure(RedisFailureKind Kind, Exception? Cause)
{
    private static readonly RedisFailure _timeout = new(RedisFailureKind.Timeout, null);

    /// <summary>Lookups go on, but no server that takes writes is connected.</summary>
    public static RedisFailure NoPrimary { get; } = new(RedisFailureKind.Server, new InvalidOperationException("READONLY"));

    /// <summary>True when the server wants another password, or none of what is asked is allowed: a new connection with a fresh secret may help.</summary>
    public bool RefusesUs => Says("NOAUTH", "WRONGPASS", "NOPERM", "invalid password", nameof(ConnectionFailureType.AuthenticationFailure));

    /// <summary>True when a write failed because no server that takes writes is known: the primary may be another by now.</summary>
    public bool IsAboutThePrimary => Kind == RedisFailureKind.Connection || Says("READONLY");

    /// <summary>What became of a call that was waited for.</summary>
    /// <returns>Null when it succeeded.</returns>
    public static RedisFailure? Of(Task call)
    {
        if (call.IsCompletedSuccessfully)
        {
            return null;
        }

        if (!call.IsCompleted)
        {
            // Nobody waits any longer, and it may fail when the connection is closed.
            call.ContinueWith(static abandoned => _ = abandoned.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return _timeout;
        }

        return Of(call.Exception?.InnerException);
    }

    /// <summary>Classifies what the client library threw.</summary>
    public static RedisFailure Of(Exception? cause) => cause switch
    {
        TimeoutException => new(RedisFailureKind.Timeout, cause),
        RedisServerException => new(RedisFailureKind.Server, cause),
        _ => new(RedisFailureKind.Connection, cause),
    };

    /// <summary>Says in one sentence what happened, where, and what to do about it.</summary>
    public string Describe(string endpoints, RedisSettings settings) => $"{endpoints} {What(settings)}.";

    private string What(RedisSettings settings) => this switch
    {
        { Kind: not RedisFailureKind.Timeout, RefusesUs: true } when Says("NOPERM") => $"answered \"{Message()}\": allow its default user GET, SETEX, PSETEX, SET, DEL, SCAN, XADD, XREVRANGE, TYPE, HKEYS, HMGET, HGETALL, HMSET, HSET, HDEL, HEXISTS, ZADD, ZREM, ZRANGE, ZRANGEBYSCORE, ZSCORE, MULTI, EXEC and EVAL on \"{settings.Prefix}*\"",
        { Kind: not RedisFailureKind.Timeout, RefusesUs: true } => WhatOfThePassword(settings),
        { Kind: RedisFailureKind.Timeout } => "did not answer in time: it is overloaded, paused or far away; see SLOWLOG on the server, or raise decisions.redisBudget",
        _ when Says("LOADING", "Loading on") => "is loading its data and answers nothing else until it has",
        { Kind: RedisFailureKind.Server } when Says("OOM") => "is full: raise its maxmemory, or set its maxmemory-policy to allkeys-lru",
        { Kind: RedisFailureKind.Server } when Says("READONLY") => "is a replica and takes no writes: name the primary in decisions.redis",
        { Kind: RedisFailureKind.Server } when Says("MISCONF") => "takes no writes because it cannot save to its disk: free space there, or set stop-writes-on-bgsave-error to no",
        { Kind: RedisFailureKind.Server } => $"answered \"{Message()}\"",
        { Cause: ArgumentException or FormatException or OverflowException } => $"cannot be connected to, because decisions.redis cannot be read: {Message()}",
        _ => "cannot be connected to: check that the server runs, that decisions.redis names it, and whether it wants TLS (rediss://)", // the library tells these apart by chance
    };

    private static string WhatOfThePassword(RedisSettings settings)
    {
        var certificate = settings.Configuration.Contains("ssl=true", StringComparison.OrdinalIgnoreCase) ? ", and check that this machine trusts its certificate" : "";
        return settings.Credentials switch
        {
            null when certificate.Length > 0 => "refuses: check that this machine trusts its certificate, and name a password, if it wants one, with decisions.redisCredentials",
            null => "wants a password: say with decisions.redisCredentials where it is found",
            { } credentials when credentials.ReadSecret() is null => $"wants a password, and what decisions.redisCredentials names ({credentials.SecretFile ?? credentials.EnvironmentVariable}) is missing or empty",
            { } credentials => $"refuses the password that decisions.redisCredentials names: put the right one into {credentials.SecretFile ?? credentials.EnvironmentVariable}, it is read again at every attempt{certificate}",
        };
    }

    private bool Says(params ReadOnlySpan<string> words)
    {
        for (var cause = Cause; cause is not null; cause = cause.InnerException)
        {
            foreach (var word in words)
            {
                if (cause.Message.Contains(word, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private string Message() => FaultPath.Printable((Cause?.Message ?? "no answer").ReplaceLineEndings(" ").TrimEnd('.', ' '));
}
