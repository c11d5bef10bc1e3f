using Microsoft.Extensions.Logging;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;

namespace RouterGateway.Router;

/// <summary>Decides which route a prompt takes: rules, conversation, what is remembered, classifier, scorer, policy. Never fails a request.</summary>
public sealed partial class PromptRouter
{
    private readonly RouteTableMonitor _routes;
    private readonly IPromptClassifier _classifier;
    private readonly IPromptClassifier? _scorer;
    private readonly TextDecider _texts;
    private readonly DecisionCache? _cache;
    private readonly TimeProvider _timeProvider;

    internal PromptRouter(
        RouteTableMonitor routes,
        IPromptClassifier classifier,
        ClassificationQueue queue,
        TimeProvider timeProvider,
        ILogger<PromptRouter> logger,
        IPromptClassifier? scorer = null,
        ClassificationQueue? scorerQueue = null,
        DecisionCache? cache = null)
    {
        (_routes, _classifier, _scorer, _timeProvider) = (routes, classifier, scorer, timeProvider);
        _cache = cache;
        _texts = new TextDecider(classifier, queue, scorer, scorerQueue, cache, timeProvider, logger);
    }

    /// <summary>Where the classifier runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ClassifierDevice => _classifier.Device;

    /// <summary>Where the scorer runs (<c>cpu</c>, <c>cuda</c>), <c>none</c> without one.</summary>
    public string ScorerDevice => _scorer?.Device ?? "none";

    /// <summary>True when a table is loaded and its classifier can be asked.</summary>
    public bool IsReady => _routes.IsLoaded;

    /// <summary>The decision for a request that names its route itself.</summary>
    public Decision Pin(RouteTable table, Route route) => Create(table, route, DecisionOutcome.Pinned, _timeProvider.GetTimestamp());

    /// <summary>Decides by the running table.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async ValueTask<Decision> RouteAsync(Prompt prompt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var started = _timeProvider.GetTimestamp();
        var table = _routes.Current;
        var text = PromptTextSelector.Select(prompt, table.Settings.Text);
        var blank = Create(table, table.DefaultRoute, DecisionOutcome.DefaultLowConfidence, started) with { Session = _cache is null ? null : SessionKey.Of(prompt) };
        var redis = _cache?.Allow(table);
        if (blank.Session is { } key && !SessionPolicy.Begins(prompt, key) && await _cache!.Sessions.FindAsync(key, table.Decisions, redis!) is { } known && table.RoutesById.ContainsKey(known.RouteId))
        {
            blank = blank with { Before = known };
        }

        if (DecisionRules.Match(table, prompt, text.Ask) is { } rule)
        {
            return WithText(blank with { Route = rule.Route, Outcome = DecisionOutcome.Rule, Confidence = 1, Rule = rule }, text, Digest.Of(text.Text));
        }

        if (blank.Before is not { } session)
        {
            return await DecideAsync(prompt, text, blank, started, redis, cancellationToken);
        }

        return SessionPolicy.HasNewAsk(prompt, text)
            ? SessionPolicy.Apply(session, await DecideAsync(prompt, text, blank, started, redis, cancellationToken))
            : WithText(SessionPolicy.Stay(session, blank, session.Confidence), text, Digest.Of(text.Text));
    }

    /// <summary>Remembers where a conversation was answered, so that its next turn goes there again.</summary>
    /// <param name="decision">What was decided for this turn.</param>
    /// <param name="clusterId">The cluster that answered.</param>
    /// <param name="destinationId">The destination in it; null when unknown.</param>
    public void KeepSession(Decision decision, string clusterId, string? destinationId)
    {
        ArgumentNullException.ThrowIfNull(decision);
        // a router that was late or broken has said nothing about the conversation
        if (decision.Session is not { } key || decision.Outcome is DecisionOutcome.Pinned or DecisionOutcome.DefaultTimeout or DecisionOutcome.DefaultError or DecisionOutcome.DefaultOverload)
        {
            return;
        }

        var destination = destinationId is null ? null : new PinnedDestination(clusterId, destinationId);
        var session = decision is { Outcome: DecisionOutcome.Session, Before: { } before }
            ? before with { Destination = destination }
            : new Session(decision.Route.Id, decision.Confidence, !decision.IsSure, destination);
        _cache?.Sessions.Keep(key, session, decision.Before, decision.Table.Decisions);
    }

    // By classifier, then scorer. The deadline counts from the start, for choosing the text and all that is asked.
    private async ValueTask<Decision> DecideAsync(Prompt prompt, PromptText text, Decision decision, long started, RedisAllowance? redis, CancellationToken cancellationToken)
    {
        var settings = decision.Table.Settings;
        var question = new TextQuestion(decision.Table, prompt.Tenant, text.Text, Digest.Of(text.Text), started, redis);
        var classified = (TextAnswer?)null;
        if (text.Text.Length > 0 && settings.ClassifierFolder is not null)
        {
            (classified, question, text) = await ClassifyAsync(prompt, text, question, cancellationToken);
            decision = Apply(decision, classified, started);
        }

        decision = WithText(decision, text, question.Digest);
        // Only the unsure are worth the time: a classifier that is late or broken means that the default route is due.
        if (text.Text.Length > 0 && settings.ScorerFolder is not null && !decision.IsSure && classified is null or { Decision: not null })
        {
            decision = Apply(decision, await _texts.ScoreAsync(question, classified, cancellationToken), started, isScore: true);
        }

        return decision;
    }

    // What was known before stands when there is no answer.
    private Decision Apply(Decision decision, TextAnswer answer, long started, bool isScore = false)
    {
        var (before, seen) = (decision.Timings, answer.Seen.Classification);
        var timings = before with
        {
            QueueMs = before.QueueMs + answer.Seen.QueueMs,
            CacheMs = before.CacheMs + answer.CacheMs,
            TotalMs = _timeProvider.GetElapsedTime(started).TotalMilliseconds,
        };
        timings = isScore
            ? timings with { ScoreMs = seen.TokeniseMs + seen.EmbedMs + seen.HeadMs }
            : timings with { TokeniseMs = seen.TokeniseMs, EmbedMs = seen.EmbedMs, HeadMs = seen.HeadMs };
        if (answer.Decision is not { } text)
        {
            return decision with { Outcome = answer.Outcome, CachedOutcome = null, Timings = timings };
        }

        var isFresh = answer.Tier == CacheTier.None;
        return decision with
        {
            Route = decision.Table.RoutesById[text.RouteId],
            Outcome = isFresh ? text.Outcome : DecisionOutcome.Cache,
            CachedOutcome = isFresh ? null : text.Outcome,
            Confidence = text.Confidence,
            Scores = text.Scores,
            TextTokens = text.TextTokens,
            Truncated = decision.Truncated || text.Truncated,
            Timings = timings,
        };
    }

    private Decision WithText(Decision decision, in PromptText text, Digest digest) => decision with
    {
        HasContext = text.HasContext,
        Truncated = decision.Truncated || text.IsCut,
        TextHash = text.Text.Length == 0 ? "" : digest.ToString(),
        ModelHash = _texts.ModelHash(decision.Table),
        Text = decision.Table.Decisions.KeepText ? DecidedText.Of(text.Ask, text.Text) : null,
    };

    private Decision Create(RouteTable table, Route route, DecisionOutcome outcome, long started)
    {
        var elapsedMs = _timeProvider.GetElapsedTime(started).TotalMilliseconds;
        return new Decision
        {
            Id = Guid.CreateVersion7(_timeProvider.GetUtcNow()).ToString("N"),
            Table = table,
            Route = route,
            Confidence = outcome == DecisionOutcome.Pinned ? 1 : 0,
            Outcome = outcome,
            Timings = new DecisionTimings(elapsedMs, 0, 0, 0, 0, elapsedMs),
        };
    }
}
