using System.Collections.Frozen;

namespace RouterGateway.Router.Decisions;

/// <summary>The wire names of <see cref="DecisionOutcome"/>.</summary>
public static class DecisionOutcomeExtensions
{
    private static readonly FrozenDictionary<string, DecisionOutcome> _byHeaderValue =
        Enum.GetValues<DecisionOutcome>().ToFrozenDictionary(static outcome => outcome.ToHeaderValue(), StringComparer.Ordinal);

    /// <summary>Finds the outcome of a header value.</summary>
    public static bool TryParse(string? headerValue, out DecisionOutcome outcome) => _byHeaderValue.TryGetValue(headerValue ?? "", out outcome);

    /// <summary>Returns the value of <c>x-router-outcome</c>, as in <c>default-low-confidence</c>.</summary>
    public static string ToHeaderValue(this DecisionOutcome outcome) => outcome switch
    {
        DecisionOutcome.Classified => "classified",
        DecisionOutcome.Scored => "scored",
        DecisionOutcome.Rule => "rule",
        DecisionOutcome.Pinned => "pinned",
        DecisionOutcome.Session => "session",
        DecisionOutcome.Cache => "cache",
        DecisionOutcome.DefaultLowConfidence => "default-low-confidence",
        DecisionOutcome.DefaultTimeout => "default-timeout",
        DecisionOutcome.DefaultError => "default-error",
        DecisionOutcome.DefaultOverload => "default-overload",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Not an outcome."),
    };
}
