using System.Collections.Immutable;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Receipts;

/// <summary>What is kept of one decision: why it was made, and what became of the request.</summary>
public sealed record DecisionReceipt
{
    /// <summary>The decision's id, which the caller was told in <c>x-router-decision-id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>When the request arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>A value of <c>x-router-outcome</c>; text, because a gateway of another version may have others.</summary>
    public required string Outcome { get; init; }

    /// <summary>How the remembered decision came about, when the outcome is <c>cache</c>; else null.</summary>
    public string? CachedOutcome { get; init; }

    /// <summary>The chosen route; null for a request that named a cluster or a served model.</summary>
    public string? RouteId { get; init; }

    /// <summary>Probability of the likeliest route, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>Probability of every route, likeliest first; empty when nothing was classified.</summary>
    public ImmutableArray<RouteScore> Scores { get; init; } = [];

    /// <summary>The request's id, <c>x-request-id</c>.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>Version of the table that decided.</summary>
    public string TableVersion { get; init; } = "";

    /// <summary>Hash of what in that table influences decisions.</summary>
    public string RoutingHash { get; init; } = "";

    /// <summary>Names the models that could be asked; empty without one.</summary>
    public string ModelHash { get; init; } = "";

    /// <summary>Hash of the text that was looked at; empty when there was none.</summary>
    public string TextHash { get; init; } = "";

    /// <summary>Tokens of the text that was classified; 0 when none was.</summary>
    public int TextTokens { get; init; }

    /// <summary>True when only head and tail of the text were classified.</summary>
    public bool Truncated { get; init; }

    /// <summary>What was looked at; null unless <c>decisions.keepText</c> is set.</summary>
    public DecidedText? Text { get; init; }

    /// <summary>The conversation's digest; null when nothing tells it.</summary>
    public string? Session { get; init; }

    /// <summary>True when the caller offered tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>True when a message carried an image.</summary>
    public bool HasImages { get; init; }

    /// <summary>True when the newest ask was classified with earlier messages before it.</summary>
    public bool HasContext { get; init; }

    /// <summary>The rule that decided; null when none did.</summary>
    public ReceiptRule? Rule { get; init; }

    /// <summary>Least probability that the likeliest route needed.</summary>
    public double MinConfidence { get; init; }

    /// <summary>Least distance to the second likeliest that it needed.</summary>
    public double MinMargin { get; init; }

    /// <summary>The cluster that answered, or failed last; null when none was tried.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The destination in it; null when none was picked.</summary>
    public string? DestinationId { get; init; }

    /// <summary>The model name that the backend was given.</summary>
    public string? Model { get; init; }

    /// <summary>Destinations that were tried.</summary>
    public int Attempts { get; init; }

    /// <summary>The answer's status; 499 when the client left.</summary>
    public int Status { get; init; }

    /// <summary>The gateway's <c>error.code</c>; null when the request was answered.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Tokens as the backend counted them; null: not told.</summary>
    public int? PromptTokens { get; init; }

    /// <inheritdoc cref="PromptTokens"/>
    public int? CompletionTokens { get; init; }

    /// <summary>Names of the registered tools that were put beside the caller's own.</summary>
    public ImmutableArray<string> OfferedTools { get; init; } = [];

    /// <summary>The calls of tools that the gateway ran.</summary>
    public ImmutableArray<ToolCallReceipt> ToolCalls { get; init; } = [];

    /// <summary>Where the time went.</summary>
    public ReceiptTimings Timings { get; init; }

    /// <summary>Starts the receipt of a decision: what is known before the request is sent anywhere.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="time">When the request arrived.</param>
    public static DecisionReceipt Of(Decision decision, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return Of(decision.Id, decision.Table, decision.Outcome, time) with
        {
            CachedOutcome = decision.CachedOutcome?.ToHeaderValue(),
            RouteId = decision.Route.Id,
            Confidence = decision.Confidence,
            Scores = decision.Scores,
            ModelHash = decision.ModelHash,
            TextHash = decision.TextHash,
            TextTokens = decision.TextTokens,
            Truncated = decision.Truncated,
            Text = decision.Text,
            Session = decision.Session?.Digest.ToString(),
            HasContext = decision.HasContext,
            Rule = decision.Rule is { } rule ? new ReceiptRule(rule.Kind.ToString(), rule.Value) : null,
            MinConfidence = DecisionReason.MinConfidenceOf(decision),
            MinMargin = decision.Table.Settings.MinMargin,
            Timings = new ReceiptTimings { Decision = decision.Timings },
        };
    }

    /// <summary>Starts the receipt of a request that named a cluster or a served model, and so took no route.</summary>
    public static DecisionReceipt Of(string id, RouteTable table, DecisionOutcome outcome, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new DecisionReceipt
        {
            Id = id,
            Time = time,
            Outcome = outcome.ToHeaderValue(),
            TableVersion = table.Version,
            RoutingHash = table.RoutingHash,
        };
    }
}
