using System.Security.Cryptography;
using System.Text;

namespace RouterGateway.Router.Classification;

/// <summary>Fits a head to the examples of the routes: L2-regularised multinomial logistic regression whose regularisation and
/// temperature are chosen by cross-validation, so that its probabilities can be trusted. The same examples give the same head.</summary>
internal static class HeadTrainer
{
    private const int LargestCrossValidation = 300; // examples; keeps 50 routes x 100 examples under a second
    private const double DefaultRegularisation = 0.3;

    // Cross-validation has fewer examples than the table and so favours a tighter fit, the more so the fewer there are: of those that are
    // nearly as good the loosest is taken. Measured on 64 to 150 routes of five examples (docs/benchmarks.md): up to 8 points.
    private const double NearlyAsGood = 0.12; // relative loss, divided by the examples of a route

    private static readonly double[] _regularisations = [3, 1, 0.3, 0.1]; // the strongest first

    /// <summary>Fits a head.</summary>
    /// <param name="examples">Those of all labels, in any order.</param>
    /// <param name="shape">Of the head.</param>
    public static HeadFit Fit(IEnumerable<HeadExample> examples, HeadShape shape)
    {
        // by hash: an order that is fixed, and random with respect to what the examples say
        HeadExample[] ordered = [.. examples.OrderBy(static e => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(e.Text))), StringComparer.Ordinal).ThenBy(static e => e.Label).ThenBy(static e => e.IsCounterExample)];
        var (regularisation, temperature, accuracy) = CrossValidate(ordered, shape);
        var weights = LogisticRegression.Fit(ordered, shape, regularisation, start: null);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] / temperature);
        }

        return new HeadFit(new LinearHead(weights, shape), regularisation, temperature, accuracy);
    }

    private static (double Regularisation, double Temperature, double Accuracy) CrossValidate(HeadExample[] ordered, HeadShape shape)
    {
        var labels = shape.Labels;
        var sample = Sample(ordered, labels);
        var perLabel = sample.CountBy(static e => e.Label).ToDictionary();
        if (labels < 2 || perLabel.Count < labels || perLabel.Values.Min() < 2)
        {
            return (DefaultRegularisation, 1, double.NaN);
        }

        var fewest = ordered.Where(static e => !e.IsCounterExample).CountBy(static e => e.Label).Min(static label => label.Value);
        (var counterExamples, sample, shape) = WithCommonWords([.. ordered.Where(static e => e.IsCounterExample)], sample, shape);
        var folds = perLabel.Values.Min() >= 5 && sample.Length < LargestCrossValidation / 2 ? 5 : Math.Min(3, perLabel.Values.Min());
        var foldOf = AssignFolds(sample, folds);
        var fitted = Enumerable.Range(0, folds).Select(fold => sample.Where((_, i) => foldOf[i] != fold).Concat(counterExamples).ToArray()).ToArray();
        var held = Enumerable.Range(0, folds).Select(fold => sample.Where((_, i) => foldOf[i] == fold).ToArray()).ToArray();
        var weights = new float[]?[folds];
        var fits = new List<(double Regularisation, double Temperature, double Accuracy, double Loss)>();
        foreach (var regularisation in _regularisations)
        {
            Parallel.For(0, folds, fold => weights[fold] = LogisticRegression.Fit(fitted[fold], shape, regularisation, weights[fold]));
            (double[] Logits, int Label)[] logits = [.. Enumerable.Range(0, folds).SelectMany(fold => held[fold].Select(e => (Logits(weights[fold]!, shape, e), e.Label)))];
            var (temperature, loss) = TemperatureScaling.Fit(logits);
            var right = logits.Count(static l => Array.IndexOf(l.Logits, l.Logits.Max()) == l.Label);
            fits.Add((regularisation, temperature, right / (double)sample.Length, loss));
        }

        var lowest = fits.Min(static fit => fit.Loss);
        var chosen = fits.Last(fit => fit.Loss <= lowest * (1 + (NearlyAsGood / fewest)));
        return (chosen.Regularisation, chosen.Temperature, chosen.Accuracy);
    }

    // A word of one example alone tells nothing about the others; leaving such words out makes the many fits several times faster.
    private static (HeadExample[] CounterExamples, HeadExample[] Sample, HeadShape Shape) WithCommonWords(HeadExample[] counterExamples, HeadExample[] sample, HeadShape shape)
    {
        var common = sample.SelectMany(static e => e.Words.Features).CountBy(static word => word).Where(static word => word.Value > 1)
            .Select(static (word, i) => (word.Key, i)).ToDictionary(static word => word.Key, static word => word.i);
        return (Array.ConvertAll(counterExamples, Reduce), Array.ConvertAll(sample, Reduce), shape with { Words = common.Count });

        HeadExample Reduce(HeadExample example)
        {
            var kept = example.Words.Features.Zip(example.Words.Values).Where(word => common.ContainsKey(word.First)).ToArray();
            return example with { Words = new SparseVector(Array.ConvertAll(kept, word => common[word.First]), Array.ConvertAll(kept, static word => word.Second)) };
        }
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
