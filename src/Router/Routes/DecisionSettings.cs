namespace RouterGateway.Router.Routes;

/// <summary>How long decisions and conversations are remembered, and where: the section <c>decisions</c> of the file.</summary>
public sealed record DecisionSettings
{
    /// <summary>The Redis server that gateways share; null = memory only.</summary>
    public RedisSettings? Redis { get; init; }

    /// <summary>Longest that a decision waits for Redis, all its lookups together.</summary>
    public TimeSpan RedisBudget { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a decision is remembered.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long it is remembered that no route was sure enough.</summary>
    public TimeSpan AbstainTtl { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most decisions, and most conversations, kept in memory.</summary>
    public int MemoryEntries { get; init; } = 50_000;

    /// <summary>How long a conversation keeps its route after its newest turn.</summary>
    public TimeSpan SessionTtl { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>By how much another route must be likelier than that of the conversation, 0 to 1.</summary>
    public double SwitchMargin { get; init; } = 0.3;

    /// <summary>Least cosine at which a text takes the scorer's decision of a similar one; null = only equal texts do.</summary>
    public double? Similarity { get; init; }

    /// <summary>Most receipts kept in memory; in Redis ten times as many.</summary>
    public int Receipts { get; init; } = 10_000;

    /// <summary>Whether receipts hold the text that was decided on.</summary>
    public bool KeepText { get; init; }
}
