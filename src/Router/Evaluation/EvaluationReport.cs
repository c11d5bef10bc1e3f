using System.Collections.Immutable;
using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Evaluation;

/// <summary>What labelled prompts say about the router.</summary>
public sealed class EvaluationReport
{
    private const int CalibrationBins = 15; // as in Guo et al., On Calibration of Modern Neural Networks, 2017

    private readonly IReadOnlyList<EvaluatedPrompt> _inScope;
    private readonly Dictionary<(string Right, string Taken), int> _counts;

    /// <summary>Builds the report.</summary>
    public EvaluationReport(IReadOnlyList<EvaluatedPrompt> prompts)
    {
        Prompts = prompts;
        _inScope = [.. prompts.Where(static prompt => !prompt.Labeled.IsOutOfScope)];
        _counts = prompts.CountBy(static prompt => (prompt.Labeled.RouteId, prompt.Taken)).ToDictionary();
        RouteIds = [.. prompts.SelectMany(static prompt => new[] { prompt.Labeled.RouteId, prompt.Taken }).Distinct().Order(StringComparer.Ordinal)];
        Routes = [.. RouteIds.Select(FiguresOf)];
        Milliseconds = [.. prompts.Select(static prompt => prompt.Decision.Timings.TotalMs).Order()];
    }

    /// <summary>All prompts in the order of their file.</summary>
    public IReadOnlyList<EvaluatedPrompt> Prompts { get; }

    /// <summary>Every route that was right or taken, by name.</summary>
    public ImmutableArray<string> RouteIds { get; }

    /// <summary>Figures of <see cref="RouteIds"/>.</summary>
    public ImmutableArray<RouteFigures> Routes { get; }

    /// <summary>Time of each decision, ascending.</summary>
    public ImmutableArray<double> Milliseconds { get; }

    /// <summary>Share of prompts that took their right route, or none where none is right.</summary>
    public double Accuracy => Share(Prompts, static prompt => prompt.IsRight);

    /// <summary>Share of the prompts of routes whose right route was the likeliest, likely enough or not.</summary>
    public double LikeliestAccuracy => Share(_inScope, static prompt => prompt.Likeliest == prompt.Labeled.RouteId);

    /// <summary>Share of prompts for which no route was likely enough.</summary>
    public double Abstained => Share(Prompts, static prompt => prompt.HasAbstained);

    /// <summary>Number of prompts that belong to no route.</summary>
    public int OutOfScope => Prompts.Count - _inScope.Count;

    /// <summary>Of the prompts that belong to no route, the share for which the router abstained; 0 when there are none.</summary>
    public double AbstainRecall => Share([.. Prompts.Where(static prompt => prompt.Labeled.IsOutOfScope)], static prompt => prompt.HasAbstained);

    /// <summary>Of the prompts of routes, the share for which the router abstained.</summary>
    public double FalseAbstains => Share(_inScope, static prompt => prompt.HasAbstained);

    /// <summary>Size and accuracy of each group, by name; empty when the prompts are not grouped.</summary>
    public IEnumerable<(string Group, int Prompts, double Accuracy)> Groups => Prompts
        .Where(static prompt => prompt.Labeled.Group.Length > 0)
        .GroupBy(static prompt => prompt.Labeled.Group)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => (group.Key, group.Count(), Share([.. group], static prompt => prompt.IsRight)));

    /// <summary>Share of prompts by how their decision came about, the most frequent first.</summary>
    public IEnumerable<(DecisionOutcome Outcome, double Share)> Outcomes => Prompts
        .CountBy(static prompt => prompt.Decision.Outcome)
        .OrderByDescending(static count => count.Value)
        .Select(count => (count.Key, count.Value / (double)Prompts.Count));

    /// <summary>Turns that had one before them; 0 unless the conversations were asked turn by turn.</summary>
    public int LaterTurns => Prompts.Sum(static prompt => prompt.EarlierTurns.Count);

    /// <summary>Of the second turns of conversations, the share that took the route of the first.</summary>
    public double SecondTurnStability => Share(
        [.. Prompts.Where(static prompt => prompt.EarlierTurns.Count > 0)],
        static prompt => prompt.EarlierTurns.Append(prompt.Decision).Take(2).DistinctBy(static turn => turn.Route.Id).Count() == 1);

    /// <summary>Of all later turns, the share that took another route than the turn before.</summary>
    public double Switches => LaterTurns == 0 ? 0 : Prompts.Sum(static prompt =>
        prompt.EarlierTurns.Append(prompt.Decision).Zip(prompt.EarlierTurns.Append(prompt.Decision).Skip(1), static (before, after) => before.Route.Id == after.Route.Id ? 0 : 1).Sum()) / (double)LaterTurns;

    /// <summary>Mean F1 of the routes that have prompts.</summary>
    public double MacroF1 => Routes.Where(route => _inScope.Any(prompt => prompt.Labeled.RouteId == route.RouteId)).Select(static route => route.F1).DefaultIfEmpty().Average();

    /// <summary>Expected calibration error: by how much confidence and accuracy differ, in 15 bins of equal width, weighted by size.</summary>
    public double CalibrationError
    {
        get
        {
            var scored = _inScope.Where(static prompt => !prompt.Decision.Scores.IsDefaultOrEmpty).ToArray();
            return scored
                .GroupBy(static prompt => Math.Min(CalibrationBins - 1, (int)(prompt.Decision.Confidence * CalibrationBins)))
                .Sum(bin => Math.Abs(bin.Average(static prompt => prompt.Decision.Confidence) - bin.Average(static prompt => prompt.Likeliest == prompt.Labeled.RouteId ? 1.0 : 0)) * bin.Count() / scored.Length);
        }
    }

    /// <summary>Prompts that took a wrong route, the surest first.</summary>
    public IEnumerable<EvaluatedPrompt> Worst => Prompts
        .Where(static prompt => !prompt.IsRight)
        .OrderByDescending(static prompt => prompt.Decision.Confidence - prompt.ProbabilityOfTheRightOne)
        .ThenBy(static prompt => prompt.Labeled.Line);

    /// <summary>Number of prompts of one route that took another (or the same).</summary>
    public int Count(string rightId, string takenId) => _counts.GetValueOrDefault((rightId, takenId));

    /// <summary>Decision time that so large a share of the prompts did not exceed, in milliseconds.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share) => Milliseconds.IsEmpty ? 0 : Milliseconds[(int)Math.Ceiling(share * (Milliseconds.Length - 1))];

    private static double Share(IReadOnlyCollection<EvaluatedPrompt> prompts, Func<EvaluatedPrompt, bool> isOne) =>
        prompts.Count == 0 ? 0 : prompts.Count(isOne) / (double)prompts.Count;

    private RouteFigures FiguresOf(string id)
    {
        var right = RouteIds.Sum(other => Count(id, other));
        var taken = RouteIds.Sum(other => Count(other, id));
        var both = Count(id, id);
        return new RouteFigures(id, right, taken == 0 ? 0 : both / (double)taken, right == 0 ? 0 : both / (double)right);
    }
}
