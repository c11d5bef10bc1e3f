using System.Runtime.CompilerServices;
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
internal sealed class TextDecider(
    IPromptClassifier classifier, ClassificationQueue classifierQueue, IPromptClassifier? scorer, ClassificationQueue? scorerQueue, DecisionCache? cache, TimeProvider timeProvider)
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
        AskAsync(new Work(this, question, SpaceOf(question), Classified: null, IsScoring: false), cancellationToken);

    /// <summary>Asks what the scorer says of a text, or has said.</summary>
    /// <param name="question">The text.</param>
    /// <param name="classified">What the classifier said of it; null when there is no classifier.</param>
    /// <param name="cancellationToken">The caller leaves.</param>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public ValueTask<TextAnswer> ScoreAsync(in TextQuestion question, TextDecision? classified, CancellationToken cancellationToken) =>
        AskAsync(new Work(this, question, SpaceOf(question), classified, IsScoring: true), cancellationToken);

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

        var (answer, hasJoined) = await _flights.RunAsync((work.Key, work.IsScoring), static (work, unwanted) => work.Decider.DecideAsync(work, unwanted), work, left, cancellationToken);
        if (answer is null)
        {
            return TextAnswer.Late;
        }

        if (!hasJoined || answer.Decision is not { } decision)
        {
            cache?.Count(answer.Tier);
            return answer;
        }

        cache?.Count(CacheTier.Joined);
        return TextAnswer.Remembered(decision, CacheTier.Joined, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
    }

    // Never throws: an exception would be everybody's who waits for the text.
    private async Task<TextAnswer?> DecideAsync(Work work, CancellationToken unwanted)
    {
        var (question, table) = (work.Question, work.Question.Table);
        var asked = timeProvider.GetTimestamp();
        if (FindInMemory(work) is { } known) // it landed in the moment before this flight began
        {
            return TextAnswer.Remembered(known, CacheTier.Memory);
        }

        if (question.Redis is not null && await cache!.FindInRedisAsync(work.Key, table, question.Redis) is { } stored && work.IsAnsweredBy(stored))
        {
            return TextAnswer.Remembered(stored, CacheTier.Redis, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
        }

        if (work.IsScoring && work.Classified is not null && cache?.FindSimilar(work.Space, table, work.Classified) is { } similar)
        {
            cache.Remember(work.Key, table, similar with { IsClear = work.Classified.IsClear, TextTokens = work.Classified.TextTokens, Truncated = work.Classified.Truncated });
            return TextAnswer.Remembered(similar, CacheTier.Similar, timeProvider.GetElapsedTime(asked).TotalMilliseconds);
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
            cache?.RememberSimilar(work.Space, decision);
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

    private readonly record struct Work(TextDecider Decider, TextQuestion Question, Digest Space, TextDecision? Classified, bool IsScoring)
    {
        public Digest Key { get; } = Digest.Of(Space, Question.Digest);

        public bool IsAnsweredBy(TextDecision known) => !IsScoring || known.WasScored;
    }
}
