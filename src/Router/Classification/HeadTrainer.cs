using System.Security.Cryptography;
using System.Text;

namespace RouterGateway.Router.Classification;

/// <summary>Fits a head to the examples of the routes: L2-regularised multinomial logistic regression whose regularisation and
/// temperature are chosen by cross-validation, so that its probabilities can be trusted. The same examples give the same head.</summary>
internal static class HeadTrainer
{
    private const int LargestCrossValidation = 300; // examples; keeps 50 routes x 100 examples under a second
    private const double DefaultRegularisation = 3;

    // An operator's examples resemble each other, so cross-validation favours a looser fit a little; on others' prompts it loses.
    private const double WorthALooserFit = 0.98;

    private static readonly double[] _regularisations = [10, 3, 1, 0.3, 0.1];

    /// <summary>Fits a head.</summary>
    /// <param name="examples">Those of all labels, in any order.</param>
    /// <param name="shape">Of the head.</param>
    public static HeadFit Fit(IEnumerable<HeadExample> examples, HeadShape shape)
    {
        // by hash: an order that is fixed, and random with respect to what the examples say
        HeadExample[] ordered = [.. examples.OrderBy(static e => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(e.Text))), StringComparer.Ordinal).ThenBy(static e => e.Label).ThenBy(static e => e.IsCounterExample)];
        var (regularisation, temperature, accuracy, start) = CrossValidate(ordered, shape);
        var weights = LogisticRegression.Fit(ordered, shape, regularisation, start);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / temperature);
        }

        return new HeadFit(new LinearHead(weights, shape), regularisation, temperature, accuracy);
    }

    private static (double Regularisation, double Temperature, double Accuracy, float[]? Start) CrossValidate(HeadExample[] ordered, HeadShape shape)
    {
        var sample = Sample(ordered, shape.Labels);
        var perLabel = sample.CountBy(static e => e.Label).ToDictionary();
        var labels = shape.Labels;
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
                weights[fold] = LogisticRegression.Fit(fitted[fold], shape, regularisation, weights[fold]);
                logits.AddRange(held[fold].Select(e => (Logits(weights[fold]!, shape, e), e.Label)));
            }

            var (temperature, loss) = TemperatureScaling.Fit(logits);
            if (loss >= best.Loss * WorthALooserFit)
            {
                break; // the loss has one valley
            }

            best = (regularisation, temperature, logits.Count(static l => Array.IndexOf(l.Logits, l.Logits.Max()) == l.Label) / (double)sample.Length, loss, weights[0]);
        }

        return (best.Regularisation, best.Temperature, best.Accuracy, best.Start);
    }

    private static double[] Logits(float[] weights, HeadShape shape, HeadExample example)
    {
        var logits = new float[shape.Labels];
        LinearHead.Logits(weights, shape, example.Embedding, example.Words, logits);
        return Array.ConvertAll(logits, static logit => (double)logit);
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
