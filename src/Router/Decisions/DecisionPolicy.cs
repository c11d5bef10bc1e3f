using System.Collections.Immutable;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>From probabilities to a route: the likeliest if it is likely enough, else the default route.</summary>
internal static class DecisionPolicy
{
    /// <summary>False for what a model with broken weights answers: not a number, not a probability, not as many as there are routes.</summary>
    public static bool AreProbabilities(RouteTable table, ReadOnlySpan<double> probabilities) =>
        probabilities.Length == table.Routes.Length && !probabilities.ContainsAnyExceptInRange(0, 1);

    /// <summary>Chooses a route.</summary>
    /// <param name="table">The table that was classified for.</param>
    /// <param name="probabilities">In the order of the table's routes; <see cref="AreProbabilities"/> holds.</param>
    public static (Route Route, DecisionOutcome Outcome, ImmutableArray<RouteScore> Scores) Choose(RouteTable table, ReadOnlySpan<double> probabilities)
    {
        var scores = new RouteScore[probabilities.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = new RouteScore(table.Routes[i].Id, probabilities[i]);
        }

        // equal probabilities: by id, so that the order of the file decides nothing
        Array.Sort(scores, static (a, b) => a.Probability != b.Probability ? b.Probability.CompareTo(a.Probability) : string.CompareOrdinal(a.RouteId, b.RouteId));
        var likeliest = table.RoutesById[scores[0].RouteId];
        var margin = scores[0].Probability - (scores.Length > 1 ? scores[1].Probability : 0);
        var isSure = scores[0].Probability >= (likeliest.MinConfidence ?? table.Settings.MinConfidence) && margin >= table.Settings.MinMargin;
        return (isSure ? likeliest : table.DefaultRoute, isSure ? DecisionOutcome.Classified : DecisionOutcome.DefaultLowConfidence, ImmutableArray.Create(scores));
    }
}
