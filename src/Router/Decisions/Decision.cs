using System.Collections.Immutable;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Router.Decisions;

/// <summary>The route chosen for a prompt, and why.</summary>
public sealed record Decision
{
    /// <summary>Unique and time-ordered: 32 hexadecimal digits of a version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The table that decided; clusters and fallbacks are looked up here, also after a reload.</summary>
    public required RouteTable Table { get; init; }

    /// <summary>The chosen route.</summary>
    public required Route Route { get; init; }

    /// <summary>Probability of the likeliest route, 0 to 1: of <see cref="Route"/>, except on an abstain, where it is what was
    /// not enough. 1 for a pin or rule; 0 when nothing was classified.</summary>
    public required double Confidence { get; init; }

    /// <summary>How the decision came about.</summary>
    public required DecisionOutcome Outcome { get; init; }

    /// <summary>Probability of every route, likeliest first; empty when nothing was classified.</summary>
    public ImmutableArray<RouteScore> Scores { get; init; } = [];

    /// <summary>How the remembered decision of an equal prompt came about, when <see cref="Outcome"/> is <see cref="DecisionOutcome.Cache"/>; else null.</summary>
    public DecisionOutcome? CachedOutcome { get; init; }

    /// <summary>How it was decided, now or when an equal prompt was.</summary>
    public DecisionOutcome DecidedBy => CachedOutcome ?? Outcome;

    /// <summary>The conversation; null when the prompt says nothing to tell it by.</summary>
    public SessionKey? Session { get; init; }

    /// <summary>What was remembered of the conversation; null = nothing.</summary>
    internal Session? Before { get; init; }

    /// <summary>True when a route was likely enough, or named; false on a default route, whatever the reason.</summary>
    public bool IsSure => DecidedBy switch
    {
        DecisionOutcome.Classified or DecisionOutcome.Scored or DecisionOutcome.Rule or DecisionOutcome.Pinned => true,
        DecisionOutcome.Session => Before is { IsDefault: false },
        _ => false,
    };

    /// <summary>The destination that served this conversation before, null = any.</summary>
    public PinnedDestination? PinnedDestination => Before?.Destination;

    /// <summary>First half of the SHA-256 of the text that was looked at, 32 hexadecimal digits; empty when there was none.</summary>
    public string TextHash { get; init; } = "";

    /// <summary>Names the models that could be asked, 16 hexadecimal digits; empty without one.</summary>
    public string ModelHash { get; init; } = "";

    /// <summary>What was looked at; null unless the table's <c>decisions.keepText</c> is set.</summary>
    public DecidedText? Text { get; init; }

    /// <summary>The rule that decided; null unless <see cref="Outcome"/> is <see cref="DecisionOutcome.Rule"/>.</summary>
    public RuleMatch? Rule { get; init; }

    /// <summary>True when the newest ask was classified with earlier messages before it.</summary>
    public bool HasContext { get; init; }

    /// <summary>Tokens of the text that was classified; 0 when none was.</summary>
    public int TextTokens { get; init; }

    /// <summary>True when only head and tail of the text were classified.</summary>
    public bool Truncated { get; init; }

    /// <summary>Where the time went.</summary>
    public DecisionTimings Timings { get; init; }
}
