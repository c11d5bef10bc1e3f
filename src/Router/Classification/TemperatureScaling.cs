namespace RouterGateway.Router.Classification;

/// <summary>Finds the temperature that makes probabilities match how often they are right.</summary>
internal static class TemperatureScaling
{
    private const double Lowest = 0.005;
    private const double Highest = 10;

    /// <summary>Fits a temperature to logits of examples that the head has not seen.</summary>
    /// <returns>The temperature and the mean log loss with it.</returns>
    public static (double Temperature, double Loss) Fit(IReadOnlyList<(double[] Logits, int Label)> held)
    {
        // Platt's smoothing: n examples all right are no proof of certainty
        var certain = (held.Count + 1.0) / (held.Count + 2.0);
        var (low, high) = (Math.Log(Lowest), Math.Log(Highest));
        var golden = (Math.Sqrt(5) - 1) / 2;
        for (var i = 0; i < 40; i++)
        {
            var (left, right) = (high - (golden * (high - low)), low + (golden * (high - low)));
            (low, high) = Loss(held, Math.Exp(left), certain) <= Loss(held, Math.Exp(right), certain) ? (low, right) : (left, high);
        }

        var temperature = Math.Exp((low + high) / 2);
        return (temperature, Loss(held, temperature, certain));
    }

    private static double Loss(IReadOnlyList<(double[] Logits, int Label)> held, double temperature, double certain)
    {
        var sum = 0.0;
        foreach (var (logits, label) in held)
        {
            var highest = logits.Max();
            var total = logits.Sum(l => Math.Exp((l - highest) / temperature));
            var logTotal = Math.Log(total) + (highest / temperature);
            var others = (logits.Sum() - logits[label]) / Math.Max(1, logits.Length - 1);
            sum += logTotal - ((certain * logits[label]) + ((1 - certain) * others)) / temperature;
        }

        return sum / held.Count;
    }
}
