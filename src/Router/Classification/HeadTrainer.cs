using System.Security.Cryptography;
using System.Text;

namespace RouterGateway.Router.Classification;

/// <summary>Fits a head to the examples of the routes: L2-regularised multinomial logistic regression whose regularisation and
/// temperature are chosen by cross-validation, so that its probabilities can be trusted. The same examples give the same head.</summary>
internal static class HeadTrainer
{
    private const int LargestCrossValidation = 300; // examples; keeps 50 routes x 100 examples under a second
    private const double DefaultRegularisation = 3;

    // Weaker ones win in cross-validation now and then, for an operator's examples resemble each other; on others' prompts they lose.
    private static readonly double[] _regularisations = [10, 3, 1];

    /// <summary>Fits a head.</summary>
    /// <param name="examples">Those of all labels, in any order.</param>
    /// <param name="labels">Number of labels, 1 or more.</param>
    /// <param name="dimension">Length of an embedding.</param>
    public static HeadFit Fit(IEnumerable<HeadExample> examples, int labels, int dimension)
    {
        // by hash: an order that is fixed, and random with respect to what the examples say
        HeadExample[] ordered = [.. examples.OrderBy(static e => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(e.Text))), StringComparer.Ordinal).ThenBy(static e => e.Label).ThenBy(static e => e.IsCounterExample)];
        var (regularisation, temperature, accuracy, start) = CrossValidate(ordered, labels, dimension);
        var weights = LogisticRegression.Fit(ordered, labels, dimension, regularisation, start);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / temperature);
        }

        return new HeadFit(new LinearHead(weights, labels, dimension), regularisation, temperature, accuracy);
    }

    private static (double Regularisation, double Temperature, double Accuracy, float[]? Start) CrossValidate(HeadExample[] ordered, int labels, int dimension)
    {
        var sample = Sample(ordered, labels);
        var perLabel = sample.CountBy(static e => e.Label).ToDictionary();
        if (labels < 2 || perLabel.Count < labels || perLabel.Values.Min() < 2)
        {
            return (DefaultRegularisation, 1, double.NaN, null);
        }

        var folds = perLabel.Values.Min() >= 5 && sample.Length < LargestCrossValidation / 2 ? 5 : Math.Min(3, perLabel.Values.Min());
        var foldOf = AssignFolds(sample, folds);
        HeadExample[] counterExamples = [.. ordered.Where(static e => e.IsCounterExample)];
        var fitted = Enumerable.Range(0, folds).Select(fold => sample.Where((_, i) => foldOf[i] != fold).Concat(counterExamples).ToArray()).ToArray();
        var held = Enumerable.Range(0, folds).Select(fold => sample.Where((_, i) => foldOf[i] == fold).ToArray()).ToArray();
        var weights = new float[]?[folds];
        var best = (Regularisation: DefaultRegularisation, Temperature: 1.0, Accuracy: double.NaN, Loss: double.PositiveInfinity, Start: (float[]?)null);
        foreach (var regularisation in _regularisations)
        {
            var logits = new List<(double[] Logits, int Label)>();
            for (var fold = 0; fold < folds; fold++)
            {
                weights[fold] = LogisticRegression.Fit(fitted[fold], labels, dimension, regularisation, weights[fold]);
                logits.AddRange(held[fold].Select(e => (LogisticRegression.Logits(weights[fold]!, e.Embedding, labels), e.Label)));
            }

            var (temperature, loss) = TemperatureScaling.Fit(logits);
            if (loss >= best.Loss)
            {
                break; // the loss has one valley
            }

            best = (regularisation, temperature, logits.Count(static l => Array.IndexOf(l.Logits, l.Logits.Max()) == l.Label) / (double)sample.Length, loss, weights[0]);
        }

        return (best.Regularisation, best.Temperature, best.Accuracy, best.Start);
    }

    private static HeadExample[] Sample(HeadExample[] ordered, int labels)
    {
        var mostPerLabel = Math.Max(4, LargestCrossValidation / labels);
        var taken = new int[labels];
        return [.. ordered.Where(e => !e.IsCounterExample && taken[e.Label]++ < mostPerLabel)];
    }

    // Every fold gets its share of every label.
    private static int[] AssignFolds(HeadExample[] sample, int folds)
    {
        var seen = new Dictionary<int, int>();
        return [.. sample.Select(e => (seen[e.Label] = seen.GetValueOrDefault(e.Label, e.Label) + 1) % folds)];
    }
}
