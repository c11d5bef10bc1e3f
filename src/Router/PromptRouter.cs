using System.Diagnostics;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>Decides which route a prompt takes: pin, rules, classification, scoring, policy. Never fails a request.</summary>
public sealed partial class PromptRouter
{
    private readonly RouteTableMonitor _routes;
    private readonly IPromptClassifier _classifier;
    private readonly ClassificationQueue _queue;
    private readonly IPromptClassifier? _scorer;
    private readonly ClassificationQueue? _scorerQueue;
    private readonly TimeProvider _timeProvider;

    internal PromptRouter(
        RouteTableMonitor routes,
        IPromptClassifier classifier,
        ClassificationQueue queue,
        TimeProvider timeProvider,
        IPromptClassifier? scorer = null,
        ClassificationQueue? scorerQueue = null)
    {
        (_routes, _classifier, _queue, _timeProvider) = (routes, classifier, queue, timeProvider);
        (_scorer, _scorerQueue) = (scorer, scorerQueue);
    }

    /// <summary>Where the classifier runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ClassifierDevice => _classifier.Device;

    /// <summary>Where the scorer runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ScorerDevice => _scorer?.Device ?? "none";

    /// <summary>True when a table is loaded and its classifier can be asked.</summary>
    public bool IsReady => _routes.IsLoaded;

    /// <summary>The decision for a request that names its route itself.</summary>
    public Decision Pin(RouteTable table, Route route) => Create(table, route, DecisionOutcome.Pinned, confidence: 1, started: Stopwatch.GetTimestamp());

    /// <summary>Decides by the running table.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask<Decision> RouteAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var started = Stopwatch.GetTimestamp();
        var table = _routes.Current;
        var text = PromptTextSelector.Select(prompt, table.Settings.Text);

        if (DecisionRules.Match(table, prompt, text.Ask) is { } rule)
        {
            return Create(table, rule.Route, DecisionOutcome.Rule, confidence: 1, started);
        }

        var decision = Create(table, table.DefaultRoute, DecisionOutcome.DefaultLowConfidence, confidence: 0, started) with { Truncated = text.IsCut };
        if (text.Text.Length > 0 && table.Settings.ClassifierFolder is not null)
        {
            (var answer, text) = await ClassifyAsync(table, prompt, text, started, cancellationToken);
            decision = Decide(decision with { HasContext = text.HasContext, Truncated = text.IsCut }, answer, started);
        }

        // Only the unsure are worth the time: a classifier that is late or broken means that the default route is due.
        if (text.Text.Length > 0 && table.Settings.ScorerFolder is not null && decision.Outcome == DecisionOutcome.DefaultLowConfidence && _scorerQueue is not null)
        {
            var answer = await _scorerQueue.ClassifyAsync(table, text.Text, TimeLeft(table, started), cancellationToken);
            decision = DecideByScore(decision with { HasContext = text.HasContext }, answer, started);
        }

        return decision;
    }

    // One deadline for all: choosing the text, both classifications and the scorer.
    private static TimeSpan TimeLeft(RouteTable table, long started) => table.Settings.Deadline - Stopwatch.GetElapsedTime(started);

    private static Decision Decide(Decision decision, in ClassificationAnswer answer, long started)
    {
        var seen = answer.Classification;
        var timings = decision.Timings with
        {
            QueueMs = answer.QueueMs,
            TokeniseMs = seen.TokeniseMs,
            EmbedMs = seen.EmbedMs,
            HeadMs = seen.HeadMs,
            TotalMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
        };
        return Apply(decision with { Timings = timings }, answer, DecisionOutcome.Classified);
    }

    private static Decision DecideByScore(Decision unsure, in ClassificationAnswer answer, long started)
    {
        var seen = answer.Classification;
        var timings = unsure.Timings with
        {
            QueueMs = unsure.Timings.QueueMs + answer.QueueMs,
            ScoreMs = seen.TokeniseMs + seen.EmbedMs + seen.HeadMs,
            TotalMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
        };
        return Apply(unsure with { Timings = timings }, answer, DecisionOutcome.Scored);
    }

    // What was known before stands when there is no answer.
    private static Decision Apply(Decision decision, in ClassificationAnswer answer, DecisionOutcome sure)
    {
        if (answer.Outcome != DecisionOutcome.Classified)
        {
            return decision with { Outcome = answer.Outcome };
        }

        var (route, outcome, scores) = DecisionPolicy.Choose(decision.Table, answer.Classification.Probabilities);
        return decision with
        {
            Route = route,
            Outcome = outcome == DecisionOutcome.Classified ? sure : outcome,
            Confidence = scores.IsEmpty ? 0 : scores[0].Probability,
            Scores = scores,
            TextTokens = answer.Classification.TextTokens,
            Truncated = decision.Truncated || answer.Classification.Truncated,
        };
    }

    private Decision Create(RouteTable table, Route route, DecisionOutcome outcome, double confidence, long started)
    {
        var elapsedMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        return new Decision
        {
            Id = Guid.CreateVersion7(_timeProvider.GetUtcNow()).ToString("N"),
            Table = table,
            Route = route,
            Confidence = confidence,
            Outcome = outcome,
            Timings = new DecisionTimings(elapsedMs, 0, 0, 0, 0, elapsedMs),
        };
    }
}
