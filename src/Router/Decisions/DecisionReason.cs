using System.Globalization;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>Says in a sentence why a decision is what it is.</summary>
internal static class DecisionReason
{
    /// <summary>Returns the sentence.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="hasText">False when nobody said anything.</param>
    public static string Of(Decision decision, bool hasText)
    {
        var settings = decision.Table.Settings;
        var fallback = $"so the default route {settings.DefaultRouteId} is taken";
        return decision.DecidedBy switch
        {
            DecisionOutcome.Rule when decision.Rule is { } rule => $"{Rule(rule)}, so {rule.Route.Id} is taken and nothing is classified.",
            DecisionOutcome.Classified => Sure(decision, settings),
            DecisionOutcome.Scored => (settings.ClassifierFolder is null ? "The scorer was asked: " : "The classifier was unsure and the scorer was asked: ") + Sure(decision, settings),
            DecisionOutcome.DefaultLowConfidence when !hasText => $"No message of the person says anything, {fallback}.",
            DecisionOutcome.DefaultLowConfidence when settings.ClassifierFolder is null && settings.ScorerFolder is null => $"No rule matched and there is neither a classifier nor a scorer (router.classifier and router.scorer are null), {fallback}.",
            DecisionOutcome.DefaultLowConfidence when !decision.Scores.IsDefaultOrEmpty => $"{(settings.ScorerFolder is null ? "" : "The scorer was asked too: ")}{Unsure(decision, settings)}, {fallback}.",
            DecisionOutcome.DefaultTimeout => string.Create(CultureInfo.InvariantCulture, $"There was no answer within router.deadline ({settings.Deadline.TotalMilliseconds:0} ms), {fallback}."),
            DecisionOutcome.DefaultError => $"The {(settings.ScorerFolder is null ? "classifier" : "classifier or the scorer")} failed (the log says how), {fallback}.",
            DecisionOutcome.DefaultOverload => $"Too many prompts were waiting already, {fallback}.",
            DecisionOutcome.Session => $"The conversation stays on {decision.Route.Id}: nothing new was asked, or no other route was likelier by the margin of {Number(decision.Table.Decisions.SwitchMargin)} (decisions.switchMargin).",
            _ => $"{decision.Route.Id} is taken: {decision.Outcome.ToHeaderValue()}.",
        };
    }

    /// <summary>Least probability that the likeliest route of a decision needs.</summary>
    public static double MinConfidenceOf(Decision decision) =>
        (decision.Scores.IsDefaultOrEmpty ? decision.Route : decision.Table.RoutesById[decision.Scores[0].RouteId]).MinConfidence ?? decision.Table.Settings.MinConfidence;

    private static string Rule(RuleMatch rule) => rule.Kind switch
    {
        RuleKind.Keyword => $"The ask holds the keyword \"{rule.Value}\" of {rule.Route.Id}",
        RuleKind.Regex => $"The ask matches the expression {rule.Value} of {rule.Route.Id}",
        RuleKind.HasImages => $"A message carries an image (rules.hasImages of {rule.Route.Id})",
        _ => $"The request offers tools (rules.hasTools of {rule.Route.Id})",
    };

    private static string Sure(Decision decision, RouterSettings settings)
    {
        var text = $"{decision.Scores[0].RouteId} is likeliest with {Number(decision.Confidence)}, at least the {Number(MinConfidenceOf(decision))} it needs";
        return decision.Scores is [var first, var second, ..]
            ? $"{text}, and {Number(first.Probability - second.Probability)} ahead of {second.RouteId}, at least the margin of {Number(settings.MinMargin)}."
            : text + ".";
    }

    private static string Unsure(Decision decision, RouterSettings settings)
    {
        var (first, least) = (decision.Scores[0], MinConfidenceOf(decision));
        return first.Probability < least
            ? $"{first.RouteId} is likeliest with {Number(first.Probability)}, less than the {Number(least)} it needs"
            : $"{first.RouteId} is likeliest with {Number(first.Probability)}, but only {Number(first.Probability - decision.Scores[1].Probability)} ahead of {decision.Scores[1].RouteId}, less than the margin of {Number(settings.MinMargin)}";
    }

    private static string Number(double number) => number.ToString("0.00##", CultureInfo.InvariantCulture);
}
