using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Evaluation;

/// <summary>A labelled prompt and what was decided for it.</summary>
/// <param name="Labeled">The prompt and its right route.</param>
/// <param name="Decision">The decision.</param>
public sealed record EvaluatedPrompt(LabeledPrompt Labeled, Decision Decision)
{
    /// <summary>The decisions of the turns before, when the conversation was asked turn by turn; else empty.</summary>
    public IReadOnlyList<Decision> EarlierTurns { get; init; } = [];

    /// <summary>True when no route was likely enough, also when a scorer that was asked then gave no answer.</summary>
    public bool HasAbstained => Decision.DecidedBy == DecisionOutcome.DefaultLowConfidence ||
        (!Decision.Scores.IsDefaultOrEmpty && Decision.Outcome is DecisionOutcome.DefaultTimeout or DecisionOutcome.DefaultError or DecisionOutcome.DefaultOverload);

    /// <summary>The route that the request would have taken, the default route of an abstain included; the label of a prompt
    /// that belongs to no route when the router rightly abstained.</summary>
    public string Taken => Labeled.IsOutOfScope && HasAbstained ? Labeled.RouteId : Decision.Route.Id;

    /// <summary>True when the right route was taken, or none where none is right.</summary>
    public bool IsRight => Taken == Labeled.RouteId;

    /// <summary>The likeliest route, whether or not it was likely enough.</summary>
    public string Likeliest => Decision.Scores.IsDefaultOrEmpty ? Decision.Route.Id : Decision.Scores[0].RouteId;

    /// <summary>Probability given to the right route; 0 when nothing was classified.</summary>
    public double ProbabilityOfTheRightOne => ProbabilityOf(Labeled.RouteId);

    /// <summary>Probability given to the route that was taken; 0 when nothing was classified.</summary>
    public double ProbabilityOfTheTakenOne => ProbabilityOf(Decision.Route.Id);

    private double ProbabilityOf(string routeId) =>
        Decision.Scores.IsDefaultOrEmpty ? 0 : Decision.Scores.FirstOrDefault(score => score.RouteId == routeId).Probability;
}
