using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Evaluation;

/// <summary>A labelled prompt and what was decided for it.</summary>
/// <param name="Labeled">The prompt and its right route.</param>
/// <param name="Decision">The decision.</param>
public sealed record EvaluatedPrompt(LabeledPrompt Labeled, Decision Decision)
{
    /// <summary>The route that the request would have taken, the default route of an abstain included.</summary>
    public string Taken => Decision.Route.Id;

    /// <summary>The likeliest route, whether or not it was likely enough.</summary>
    public string Likeliest => Decision.Scores.IsDefaultOrEmpty ? Taken : Decision.Scores[0].RouteId;

    /// <summary>Probability given to the right route; 0 when nothing was classified.</summary>
    public double ProbabilityOfTheRightOne =>
        Decision.Scores.IsDefaultOrEmpty ? 0 : Decision.Scores.FirstOrDefault(score => score.RouteId == Labeled.RouteId).Probability;
}
