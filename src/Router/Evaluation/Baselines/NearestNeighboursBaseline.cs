using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>The five examples whose vectors are nearest to that of the text vote, each as much as it resembles it: the router without its head.</summary>
/// <param name="router">Whose encoder is used.</param>
/// <param name="table">The routes.</param>
public sealed class NearestNeighboursBaseline(PromptRouter router, RouteTable table) : IBaseline
{
    /// <summary>Its name on the command line.</summary>
    public const string CommandLineName = "knn";

    private const int Neighbours = 5;

    /// <inheritdoc/>
    public string Name => CommandLineName;

    /// <inheritdoc/>
    public double[] Classify(string text) => Vote(table, router.NearestExamples(table, text, Neighbours));

    /// <summary>Counts the votes; all routes are equally likely when there are none.</summary>
    internal static double[] Vote(RouteTable table, IReadOnlyList<NearestExample> nearest)
    {
        var votes = table.Routes.Select(route => nearest.Where(example => example.RouteId == route.Id).Sum(static example => Math.Max(0, example.Similarity))).ToArray();
        var all = votes.Sum();
        return [.. votes.Select(vote => all > 0 ? vote / all : 1.0 / votes.Length)];
    }
}
