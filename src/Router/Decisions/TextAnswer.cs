using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;

namespace RouterGateway.Router.Decisions;

/// <summary>What came of asking about a text.</summary>
/// <param name="Outcome"><see cref="DecisionOutcome.Classified"/> when there is a decision, else why there is none.</param>
/// <param name="Decision">What the text was decided as; null when there was no answer.</param>
/// <param name="Tier">Where the decision came from.</param>
/// <param name="Seen">What a model said, with its times; empty unless one was asked.</param>
/// <param name="CacheMs">Time that went into looking for it.</param>
internal sealed record TextAnswer(DecisionOutcome Outcome, TextDecision? Decision, CacheTier Tier, ClassificationAnswer Seen = default, double CacheMs = 0)
{
    /// <summary>There was none within the deadline.</summary>
    public static TextAnswer Late { get; } = new(DecisionOutcome.DefaultTimeout, null, CacheTier.None);

    /// <summary>The decision was remembered.</summary>
    public static TextAnswer Remembered(TextDecision decision, CacheTier tier, double cacheMs = 0) => new(DecisionOutcome.Classified, decision, tier, CacheMs: cacheMs);
}
