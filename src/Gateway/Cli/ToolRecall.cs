namespace RouterGateway.Gateway.Cli;

/// <summary>How often the right tools were among the first, and how long each selection took.</summary>
internal sealed class ToolRecall
{
    private readonly double[] _found = new double[Depths.Count];
    private readonly List<double> _elapsedMs = [];

    /// <summary>How many of the first tools are looked at.</summary>
    public static IReadOnlyList<int> Depths { get; } = [1, 3, 5, 8, 16];

    /// <summary>For each of <see cref="Depths"/> the mean share of the right tools, 0 to 1.</summary>
    public IEnumerable<double> Shares => _found.Select(found => found / Math.Max(1, _elapsedMs.Count));

    public void Add(IReadOnlyList<string> right, IReadOnlyList<string> selected, double elapsedMs)
    {
        _elapsedMs.Add(elapsedMs);
        for (var i = 0; i < Depths.Count; i++)
        {
            _found[i] += selected.Take(Depths[i]).Count(right.Contains) / (double)right.Count;
        }
    }

    /// <summary>The time that this share of the selections needed at most.</summary>
    public double Percentile(double share) => _elapsedMs.Count == 0 ? 0 : _elapsedMs.Order().ElementAt((int)(share * (_elapsedMs.Count - 1)));
}
