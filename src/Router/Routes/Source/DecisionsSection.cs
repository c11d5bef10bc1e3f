using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("How long decisions and conversations are remembered, and where.")]
internal sealed record DecisionsSection
{
    [MinLength(1)]
    [Description("Address of a Redis server, which gateways share: host:port, several of a cluster separated by commas, options of StackExchange.Redis behind them, or redis://host:port/database (rediss:// for TLS). Null: memory only.")]
    public string? Redis { get; init; }

    [Description("Where the password of the Redis server is found.")]
    public CredentialsSection? RedisCredentials { get; init; }

    [DefaultValue("routergateway:")]
    [Description("What every key in Redis begins with; gateways with one prefix share their decisions.")]
    public string? RedisPrefix { get; init; }

    [DefaultValue("5ms")]
    [Description("Longest that a decision waits for Redis, all its lookups together; after that it goes on without.")]
    public TimeSpan? RedisBudget { get; init; }

    [DefaultValue("1h")]
    [Description("How long a decision is remembered.")]
    public TimeSpan? Ttl { get; init; }

    [DefaultValue("1m")]
    [Description("How long it is remembered that no route was sure enough.")]
    public TimeSpan? AbstainTtl { get; init; }

    [Range(0, 10_000_000)]
    [DefaultValue(50_000)]
    [Description("Most decisions, and most conversations, kept in memory.")]
    public int? MemoryEntries { get; init; }

    [DefaultValue("30m")]
    [Description("How long a conversation keeps its route and destination after its newest turn.")]
    public TimeSpan? SessionTtl { get; init; }

    [Range(0.0, 1.0)]
    [DefaultValue(0.3)]
    [Description("By how much another route must be likelier than that of the conversation before the conversation changes to it.")]
    public double? SwitchMargin { get; init; }

    [Range(0.5, 1.0)]
    [Description("Least cosine of the classifier's embeddings at which a text takes the scorer's decision of a similar one. Null: only equal texts do.")]
    public double? Similarity { get; init; }

    [Range(0, 1_000_000)]
    [DefaultValue(10_000)]
    [Description("Most receipts of decisions kept in memory; in Redis ten times as many.")]
    public int? Receipts { get; init; }

    [DefaultValue(false)]
    [Description("Whether receipts hold the text that was decided on, so that it can be decided again with other routes. Prompts may be confidential.")]
    public bool? KeepText { get; init; }
}
