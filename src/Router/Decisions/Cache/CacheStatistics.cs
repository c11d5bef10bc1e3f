using RouterGateway.Router.Redis;

namespace RouterGateway.Router.Decisions.Cache;

/// <summary>What is remembered and how often that helped, since the start of this process.</summary>
public sealed record CacheStatistics
{
    /// <summary>Decisions in memory.</summary>
    public required int Decisions { get; init; }

    /// <summary>Conversations in memory.</summary>
    public required int Sessions { get; init; }

    /// <summary>Most of each.</summary>
    public required int Capacity { get; init; }

    /// <summary>Decisions found in memory.</summary>
    public required long MemoryHits { get; init; }

    /// <summary>Decisions found in Redis.</summary>
    public required long RedisHits { get; init; }

    /// <summary>Decisions of a similar text that were taken.</summary>
    public required long SimilarHits { get; init; }

    /// <summary>Texts that had to be classified.</summary>
    public required long Misses { get; init; }

    /// <summary>Prompts that took the answer that an equal one was waiting for already.</summary>
    public required long Joined { get; init; }

    /// <summary>Decisions and conversations that made room for newer ones.</summary>
    public required long Evictions { get; init; }

    /// <summary>The shared store; null when there is none.</summary>
    public RedisStatus? Redis { get; init; }
}
