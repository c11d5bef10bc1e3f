using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Router.Decisions.Cache;

/// <summary>Remembers what texts were decided as: in memory, then in Redis. Follows the section <c>decisions</c> of the running table.</summary>
public sealed class DecisionCache : IHostedService, IDisposable
{
    private const double Jitter = 0.1; // of the time to live, so that what was decided together is not forgotten together

    private readonly RouteTableMonitor _routes;
    private readonly RedisStore _redis;
    private readonly SieveCache<Digest, TextDecision> _memory;
    private readonly SimilarDecisions _similar = new();
    private readonly long[] _counts = new long[Enum.GetValues<CacheTier>().Length]; // by tier
    private readonly TimeProvider _timeProvider;
    private IDisposable? _changes;

    internal DecisionCache(RouteTableMonitor routes, RedisStore redis, SessionStore sessions, TimeProvider timeProvider)
    {
        (_routes, _redis, Sessions, _timeProvider) = (routes, redis, sessions, timeProvider);
        _memory = new SieveCache<Digest, TextDecision>(timeProvider, new DecisionSettings().MemoryEntries);
        _redis.Flushed += routeId => ForgetInMemory(routeId);
    }

    /// <summary>Conversations, which are kept in the same stores.</summary>
    internal SessionStore Sessions { get; }

    /// <summary>What is remembered now.</summary>
    public CacheStatistics GetStatistics() => new()
    {
        Decisions = Decisions,
        Sessions = Sessions.Memory.Count,
        Capacity = _memory.Capacity,
        MemoryHits = CountOf(CacheTier.Memory),
        RedisHits = CountOf(CacheTier.Redis),
        SimilarHits = CountOf(CacheTier.Similar),
        Joined = CountOf(CacheTier.Joined),
        Misses = CountOf(CacheTier.None),
        Evictions = Evictions,
        Redis = _redis.GetStatus(),
    };

    /// <summary>Forgets decisions and conversations, in Redis and in the memory of every gateway that shares it.</summary>
    /// <param name="routeId">Those of one route; null = all.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <exception cref="OperationCanceledException">The caller left; memory was flushed.</exception>
    public async Task<CacheFlush> FlushAsync(string? routeId, CancellationToken cancellationToken)
    {
        var memory = ForgetInMemory(routeId);
        try
        {
            var redis = await _redis.FlushAsync(routeId, cancellationToken);
            return new CacheFlush(memory + ForgetInMemory(routeId), redis); // once more, as meanwhile some may have been read that were not deleted yet
        }
        catch (RedisUnavailableException unavailable)
        {
            return new CacheFlush(memory, 0, unavailable.Message);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _changes ??= ChangeToken.OnChange(_routes.GetChangeToken, Follow);
        Follow();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _changes?.Dispose();

    /// <summary>Decisions and conversations that made room for newer ones.</summary>
    internal long Evictions => _memory.Evictions + Sessions.Memory.Evictions;

    /// <summary>Decisions in memory.</summary>
    internal int Decisions => _memory.Count;

    /// <summary>What one decision may wait for Redis.</summary>
    internal RedisAllowance Allow(RouteTable table) =>
        new(_redis, table.Decisions.RedisBudget < table.Settings.Deadline ? table.Decisions.RedisBudget : table.Settings.Deadline, _timeProvider);

    /// <summary>Finds a decision in memory.</summary>
    internal TextDecision? FindInMemory(Digest key) => _memory.TryGet(key, out var decision) ? decision : null;

    /// <summary>Finds a decision in Redis, and keeps it in memory for as long as it is kept there.</summary>
    /// <param name="key">Of the text.</param>
    /// <param name="table">The table that it is decided by.</param>
    /// <param name="isScored">Whether only one of the scorer will do.</param>
    /// <param name="allowance">How long Redis may take.</param>
    internal async ValueTask<TextDecision?> FindInRedisAsync(Digest key, RouteTable table, bool isScored, RedisAllowance allowance)
    {
        if (await allowance.GetAsync(RedisKind.Decision, key) is not { } value || TextDecisionJson.TryRead(value, table, out var until) is not { } decision || (isScored && !decision.WasScored))
        {
            return null;
        }

        var (left, most) = (until - _timeProvider.GetUtcNow(), TimeToLive(key, decision, table.Decisions));
        _memory.Put(key, decision, left < most ? left : most); // another gateway's clock may be wrong
        return decision;
    }

    /// <summary>Remembers a decision.</summary>
    internal void Remember(Digest key, RouteTable table, TextDecision decision)
    {
        var timeToLive = TimeToLive(key, decision, table.Decisions);
        _memory.Put(key, decision, timeToLive);
        if (_redis.IsConfigured)
        {
            _redis.Set(RedisKind.Decision, key, TextDecisionJson.Write(decision, _timeProvider.GetUtcNow() + timeToLive), timeToLive);
        }
    }

    /// <summary>Finds the scorer's decision of a similar text; null when none is similar enough.</summary>
    internal TextDecision? FindSimilar(Digest space, RouteTable table, TextDecision classified) =>
        table.Decisions.Similarity is { } least && classified.Embedding is { } embedding ? _similar.Find(space, embedding, least, _timeProvider.GetUtcNow()) : null;

    /// <summary>Lets a decision of the scorer be found by similar texts.</summary>
    internal void RememberSimilar(Digest space, RouteTable table, TextDecision scored) => _similar.Add(space, scored, _timeProvider.GetUtcNow() + table.Decisions.Ttl);

    /// <summary>Counts where the decision of a text came from.</summary>
    internal void Count(CacheTier tier) => Interlocked.Increment(ref _counts[(int)tier]);

    /// <summary>How many came from there.</summary>
    internal long CountOf(CacheTier tier) => Volatile.Read(ref _counts[(int)tier]);

    private static TimeSpan TimeToLive(Digest key, TextDecision decision, DecisionSettings settings)
    {
        var timeToLive = decision.Outcome == DecisionOutcome.DefaultLowConfidence ? settings.AbstainTtl : settings.Ttl;
        return timeToLive * (1 - (Jitter * (key.Low % 1024) / 1024)); // by the key, so that nothing has to be drawn
    }

    private void Follow()
    {
        var settings = _routes.Current.Decisions;
        _memory.Capacity = settings.MemoryEntries;
        Sessions.Memory.Capacity = settings.MemoryEntries;
        _redis.Configure(settings.Redis);
    }

    private int ForgetInMemory(string? routeId)
    {
        _similar.Clear();
        return _memory.RemoveWhere(decision => routeId is null || decision.RouteId == routeId) +
            Sessions.Memory.RemoveWhere(session => routeId is null || session.RouteId == routeId);
    }
}
