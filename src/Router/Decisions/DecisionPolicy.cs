using System.Collections.Immutable;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>From probabilities to a route: the likeliest if it is likely enough, else the default route.</summary>
internal static class DecisionPolicy
{
    /// <summary>Chooses a route.</summary>
    /// <param name="table">The table that was classified for.</param>
    /// <param name="probabilities">In the order of the table's routes.</param>
    public static (Route Route, DecisionOutcome Outcome, ImmutableArray<RouteScore> Scores) Choose(RouteTable table, ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length != table.Routes.Length || probabilities.ContainsAnyExceptInRange(0, 1))
        {
            return (table.DefaultRoute, DecisionOutcome.DefaultError, []); // not a number, or not a probability
        }

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
