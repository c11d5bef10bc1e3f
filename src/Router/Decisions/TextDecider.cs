using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Resilience;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>Decides texts: from memory, from Redis, or by a model; the same text once, however many ask for it at a time.</summary>
/// <param name="classifier">Asked first.</param>
/// <param name="classifierQueue">The way to it.</param>
/// <param name="scorer">Asked when the classifier is unsure; null = nobody is.</param>
/// <param name="scorerQueue">The way to it.</param>
/// <param name="cache">What is remembered; null = nothing is.</param>
/// <param name="timeProvider">Clock.</param>
/// <param name="logger">Receives what nobody foresaw.</param>
internal sealed partial class TextDecider(
    IPromptClassifier classifier, ClassificationQueue classifierQueue, IPromptClassifier? scorer, ClassificationQueue? scorerQueue, DecisionCache? cache, TimeProvider timeProvider, ILogger<PromptRouter> logger)
{
    // Below this probability of its likeliest route an ask is read again with those before it. Chosen on multiturn.jsonl and on made-up
    // changes of topic: 0.85 and 0.95 gain a point on one and lose it on the other (docs/benchmarks.md).
    private const double ClearByItself = 0.9;

    private readonly SingleFlight<(Digest Key, bool IsScoring), TextAnswer> _flights = new(timeProvider);
    private readonly ConditionalWeakTable<RouteTable, TableIdentity> _identities = [];

    /// <summary>Names the models that a table is decided with; empty without one.</summary>
    public string ModelHash(RouteTable table) => Identity(table).ModelHash;

    /// <summary>Asks what the classifier says of a text, or has said.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<TextAnswer> ClassifyAsync(in TextQuestion question, CancellationToken cancellationToken) =>
        AskAsync(new Work(this, question, SpaceOf(question), Classified: null, IsScoring: false, MayBeInRedis: question.Redis is not null), cancellationToken);

    /// <summary>Asks what the scorer says of a text, or has said.</summary>
    /// <param name="question">The text.</param>
    /// <param name="classified">What came of asking the classifier; null when there is none.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<TextAnswer> ScoreAsync(in TextQuestion question, TextAnswer? classified, CancellationToken cancellationToken)
    {
        var hasLooked = classified is { Tier: not CacheTier.Memory }; // in Redis, for the classifier, a moment ago
        return AskAsync(new Work(this, question, SpaceOf(question), classified?.Decision, IsScoring: true, MayBeInRedis: question.Redis is not null && !hasLooked), cancellationToken);
    }

    private ValueTask<TextAnswer> AskAsync(in Work work, CancellationToken cancellationToken)
    {
        if (FindInMemory(work) is not { } known)
        {
            return new ValueTask<TextAnswer>(FlyAsync(work, cancellationToken));
        }

        cache!.Count(CacheTier.Memory);
        return new ValueTask<TextAnswer>(TextAnswer.Remembered(known, CacheTier.Memory));
    }

    private async Task<TextAnswer> FlyAsync(Work work, CancellationToken cancellationToken)
    {
        var asked = timeProvider.GetTimestamp();
        var left = work.Question.Table.Settings.Deadline - timeProvider.GetElapsedTime(work.Question.Started);
        if (left <= TimeSpan.Zero)
        {
            return TextAnswer.Late;
        }

        var (answer, hasJoined) = await _flights.RunAsync((work.Key, work.IsScoring), static (work, unwanted) => work.Decider.TryDecideAsync(work, unwanted), work, left, cancellationToken);
        if (answer is null)
        {
            return TextAnswer.Late;
        }

        if (answer.Decision is not { } decision)
        {
            return answer;
        }

        cache?.Count(hasJoined ? CacheTier.Joined : answer.Tier);
        return !hasJoined ? answer : TextAnswer.Remembered(decision, CacheTier.Joined, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
    }

    // Never throws: everybody who waits for the text would be left without an answer.
    private async Task<TextAnswer?> TryDecideAsync(Work work, CancellationToken unwanted)
    {
        try
        {
            return await DecideAsync(work, unwanted);
        }
        catch (Exception fault)
        {
            LogFailed(logger, fault);
            return new TextAnswer(DecisionOutcome.DefaultError, null, CacheTier.None);
        }
    }

    private async Task<TextAnswer?> DecideAsync(Work work, CancellationToken unwanted)
    {
        var (question, table) = (work.Question, work.Question.Table);
        var asked = timeProvider.GetTimestamp();
        if (FindInMemory(work) is { } known) // it landed in the moment before this flight began
        {
            return TextAnswer.Remembered(known, CacheTier.Memory);
        }

        if (work.MayBeInRedis && await cache!.FindInRedisAsync(work.Key, table, work.IsScoring, question.Redis!) is { } stored)
        {
            return TextAnswer.Remembered(stored, CacheTier.Redis, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
        }

        // not remembered under this text: it counts for as long as the similar one, and as this setting allows it
        if (work.IsScoring && work.Classified is { } classified && cache?.FindSimilar(work.Space, table, classified) is { } similar)
        {
            var own = similar with { IsClear = classified.IsClear, TextTokens = classified.TextTokens, Truncated = classified.Truncated, Embedding = null };
            return TextAnswer.Remembered(own, CacheTier.Similar, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
        }

        var cacheMs = timeProvider.GetElapsedTime(asked).TotalMilliseconds;
        if (await (work.IsScoring ? scorerQueue! : classifierQueue).ClassifyAsync(table, question.Text, unwanted) is not { } answer)
        {
            return null;
        }

        if (answer.Outcome != DecisionOutcome.Classified)
        {
            return new TextAnswer(answer.Outcome, null, CacheTier.None, answer, cacheMs);
        }

        var decision = Decide(work, answer.Classification);
        cache?.Remember(work.Key, table, decision);
        if (work.IsScoring && decision.Outcome == DecisionOutcome.Scored)
        {
            cache?.RememberSimilar(work.Space, table, decision);
        }

        return new TextAnswer(DecisionOutcome.Classified, decision, CacheTier.None, answer, cacheMs);
    }

    private static TextDecision Decide(Work work, in Classification.Classification seen)
    {
        var (route, outcome, scores) = DecisionPolicy.Choose(work.Question.Table, seen.Probabilities);
        return new TextDecision
        {
            RouteId = route.Id,
            Outcome = outcome == DecisionOutcome.Classified && work.IsScoring ? DecisionOutcome.Scored : outcome,
            Scores = scores,
            TextTokens = seen.TextTokens,
            Truncated = seen.Truncated,
            IsClear = work.IsScoring ? work.Classified?.IsClear ?? true : scores[0].Probability >= ClearByItself,
            WasScored = work.IsScoring,
            Embedding = work.IsScoring ? work.Classified?.Embedding : seen.Embedding,
        };
    }

    private TextDecision? FindInMemory(in Work work) => cache?.FindInMemory(work.Key) is { } known && work.IsAnsweredBy(known) ? known : null;

    private Digest SpaceOf(in TextQuestion question) => Digest.Of(Identity(question.Table).Digest, question.Tenant.Length == 0 ? default : Digest.Of(question.Tenant));

    private TableIdentity Identity(RouteTable table) => _identities.TryGetValue(table, out var known) ? known
        : _identities.GetValue(table, t => TableIdentity.Create(t, classifier.ModelHash(t), scorer?.ModelHash(t)));

    [LoggerMessage(EventId = 2030, Level = LogLevel.Error, Message = "A text could not be decided; its prompts take the default route")]
    private static partial void LogFailed(ILogger logger, Exception fault);

    private readonly record struct Work(TextDecider Decider, TextQuestion Question, Digest Space, TextDecision? Classified, bool IsScoring, bool MayBeInRedis)
    {
        public Digest Key { get; } = Digest.Of(Space, Question.Digest);

        public bool IsAnsweredBy(TextDecision known) => !IsScoring || known.WasScored;
    }
}
