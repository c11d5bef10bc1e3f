using System.Diagnostics;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>Decides which route a prompt takes: pin, rules, classification, policy. Never fails a request.</summary>
public sealed partial class PromptRouter
{
    private readonly RouteTableMonitor _routes;
    private readonly IPromptClassifier _classifier;
    private readonly ClassificationQueue _queue;
    private readonly TimeProvider _timeProvider;

    internal PromptRouter(RouteTableMonitor routes, IPromptClassifier classifier, ClassificationQueue queue, TimeProvider timeProvider)
    {
        (_routes, _classifier, _queue, _timeProvider) = (routes, classifier, queue, timeProvider);
    }

    /// <summary>Where the classifier runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ClassifierDevice => _classifier.Device;

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

        if (text.Text.Length == 0 || table.Settings.ClassifierFolder is null)
        {
            return Create(table, table.DefaultRoute, DecisionOutcome.DefaultLowConfidence, confidence: 0, started);
        }

        var selectMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        (var answer, text) = await ClassifyAsync(table, prompt, text, cancellationToken);
        if (answer.Outcome != DecisionOutcome.Classified)
        {
            return Create(table, table.DefaultRoute, answer.Outcome, confidence: 0, started) with
            {
                HasContext = text.HasContext,
                Truncated = text.IsCut,
                Timings = new DecisionTimings(selectMs, answer.QueueMs, 0, 0, 0, Stopwatch.GetElapsedTime(started).TotalMilliseconds),
            };
        }

        var seen = answer.Classification;
        var (route, outcome, scores) = DecisionPolicy.Choose(table, seen.Probabilities);
        return Create(table, route, outcome, scores.IsEmpty ? 0 : scores[0].Probability, started) with
        {
            Scores = scores,
            HasContext = text.HasContext,
            TextTokens = seen.TextTokens,
            Truncated = text.IsCut || seen.Truncated,
            Timings = new DecisionTimings(selectMs, answer.QueueMs, seen.TokeniseMs, seen.EmbedMs, seen.HeadMs, Stopwatch.GetElapsedTime(started).TotalMilliseconds),
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
