namespace RouterGateway.Router.Decisions;

/// <summary>The wire names of <see cref="DecisionOutcome"/>.</summary>
public static class DecisionOutcomeExtensions
{
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
