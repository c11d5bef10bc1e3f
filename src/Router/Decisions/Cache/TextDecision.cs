using System.Collections.Immutable;

namespace RouterGateway.Router.Decisions.Cache;

/// <summary>What a text was decided as: the part of a decision that all prompts with this text share.</summary>
internal sealed record TextDecision
{
    /// <summary>The likeliest route when it was likely enough, else the default route.</summary>
    public required string RouteId { get; init; }

    /// <summary><see cref="DecisionOutcome.Classified"/>, <see cref="DecisionOutcome.Scored"/> or <see cref="DecisionOutcome.DefaultLowConfidence"/>.</summary>
    public required DecisionOutcome Outcome { get; init; }

    /// <summary>Probability of every route, likeliest first.</summary>
    public required ImmutableArray<RouteScore> Scores { get; init; }

    /// <summary>Tokens of the text.</summary>
    public required int TextTokens { get; init; }

    /// <summary>True when only head and tail of it were read.</summary>
    public required bool Truncated { get; init; }

    /// <summary>True when the classifier was so sure of it that earlier asks do not matter.</summary>
    public required bool IsClear { get; init; }

    /// <summary>True when the scorer was asked, too.</summary>
    public bool WasScored { get; init; }

    /// <summary>The classifier's embedding, of length 1; null when it is not wanted (see <c>decisions.similarity</c>) or came from Redis.</summary>
    public float[]? Embedding { get; init; }

    /// <summary>Probability of the likeliest route.</summary>
    public double Confidence => Scores.IsEmpty ? 0 : Scores[0].Probability;
}
