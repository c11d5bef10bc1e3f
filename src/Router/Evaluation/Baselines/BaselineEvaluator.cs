using System.Diagnostics;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>Asks a baseline about labelled prompts, with the same text and the same thresholds as the router; rules do not apply.</summary>
public static class BaselineEvaluator
{
    /// <summary>Decides all prompts.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="table">The routes.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="progress">Told the number of prompts decided so far; <c>null</c>: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static EvaluationReport Evaluate(
        IBaseline baseline, RouteTable table, IReadOnlyList<LabeledPrompt> prompts, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(prompts);
        var evaluated = new List<EvaluatedPrompt>(prompts.Count);
        foreach (var prompt in prompts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            evaluated.Add(new EvaluatedPrompt(prompt, Decide(baseline, table, prompt.Prompt)));
            progress?.Report(evaluated.Count);
        }

        return new EvaluationReport(evaluated);
    }

    private static Decision Decide(IBaseline baseline, RouteTable table, Prompt prompt)
    {
        var started = Stopwatch.GetTimestamp();
        var text = PromptTextSelector.Select(prompt, table.Settings.Text).Text;
        var (route, outcome, scores) = text.Length == 0 ? (table.DefaultRoute, DecisionOutcome.DefaultLowConfidence, []) : DecisionPolicy.Choose(table, baseline.Classify(text));
        var elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return new Decision
        {
            Id = "",
            Table = table,
            Route = route,
            Confidence = scores.IsEmpty ? 0 : scores[0].Probability,
            Outcome = outcome,
            Scores = scores,
            Timings = new DecisionTimings(0, 0, 0, 0, 0, elapsedMs),
        };
    }
}
