using System.Numerics.Tensors;

namespace RouterGateway.Router.Classification;

/// <summary>Multinomial logistic regression with an L2 penalty, every label weighing the same however many examples it has.</summary>
internal static class LogisticRegression
{
    private const float NegligibleResidual = 1e-5f;

    // Examples are summed up in so many parts side by side. A fixed number: the sums, and so the head, do not depend on the cores.
    private const int Parts = 4;
    private const int FewestExamplesOfAPart = 250;

    /// <summary>Fits weights.</summary>
    /// <param name="examples">In a fixed order: sums of floats depend on it.</param>
    /// <param name="shape">Of the head.</param>
    /// <param name="regularisation">Strength of the penalty, on the scale of one example.</param>
    /// <param name="start">Weights to start from, left unchanged; null = zeros.</param>
    /// <returns>See <see cref="HeadShape"/>.</returns>
    public static float[] Fit(IReadOnlyList<HeadExample> examples, HeadShape shape, double regularisation, float[]? start)
    {
        var weights = new float[shape.Weights];
        start?.CopyTo(weights, 0);
        if (shape.Labels > 1)
        {
            var sum = new Sum(examples, Importance(examples, shape.Labels), shape);
            Lbfgs.Minimise(weights, (w, gradient) => sum.Loss(w, gradient, regularisation / examples.Count));
        }

        return weights;
    }

    private static double[] Importance(IReadOnlyList<HeadExample> examples, int labels)
    {
        var perLabel = new double[labels];
        foreach (var example in examples)
        {
            perLabel[example.Label] += example.IsCounterExample ? 0 : 1;
        }

        // a counter-example weighs as much as an example of its route
        return [.. examples.Select(e => examples.Count / (labels * Math.Max(1, perLabel[e.Label])))];
    }

    private sealed class Sum(IReadOnlyList<HeadExample> examples, double[] importance, HeadShape shape)
    {
        private readonly float[][] _gradients = [.. Enumerable.Range(0, examples.Count < Parts * FewestExamplesOfAPart ? 1 : Parts).Select(part => part == 0 ? [] : new float[shape.Weights])];

        // The mean loss of the examples and the penalty; the bias is not penalised.
        public double Loss(float[] weights, float[] gradient, double penalty)
        {
            TensorPrimitives.Multiply(weights, (float)penalty, gradient);
            var loss = penalty / 2 * TensorPrimitives.SumOfSquares<float>(weights);
            for (var label = 0; label < shape.Labels; label++)
            {
                var bias = shape.OfLabel(weights, label)[^1];
                loss -= penalty / 2 * bias * bias;
                shape.OfLabel(gradient.AsSpan(), label)[^1] = 0;
            }

            var losses = new double[_gradients.Length];
            Parallel.For(0, losses.Length, part => losses[part] = LossOf(part, weights, part == 0 ? gradient : _gradients[part]));
            for (var part = 1; part < losses.Length; part++)
            {
                TensorPrimitives.Add(gradient, _gradients[part], gradient);
            }

            return loss + losses.Sum();
        }

        private double LossOf(int part, float[] weights, float[] gradient)
        {
            if (part > 0)
            {
                Array.Clear(gradient);
            }

            var loss = 0.0;
            Span<float> logits = stackalloc float[shape.Labels];
            Span<double> p = stackalloc double[shape.Labels];
            for (var i = examples.Count * part / _gradients.Length; i < examples.Count * (part + 1) / _gradients.Length; i++)
            {
                var example = examples[i];
                var weight = importance[i] / examples.Count;
                LinearHead.Logits(weights, shape, example.Embedding, example.Words, logits);
                TensorPrimitives.ConvertChecked<float, double>(logits, p);
                TensorPrimitives.SoftMax(p, p);
                loss += weight * (example.IsCounterExample ? Repel(p, logits, example.Label) : Attract(p, logits, example.Label));
                TensorPrimitives.Multiply(logits, (float)weight, logits);
                AddGradient(example, logits, (float)weight * NegligibleResidual, gradient);
            }

            return loss;
        }

        private void AddGradient(HeadExample example, ReadOnlySpan<float> residual, float negligible, Span<float> gradient)
        {
            for (var label = 0; label < shape.Labels; label++)
            {
                if (Math.Abs(residual[label]) < negligible)
                {
                    continue; // most, once the fit is good: saves half of the time
                }

                var row = shape.OfLabel(gradient, label);
                TensorPrimitives.MultiplyAdd(example.Embedding, residual[label], row[..^1], row[..^1]);
                row[^1] += residual[label];
            }

            var words = example.Words;
            for (var i = 0; i < words.Features.Length; i++)
            {
                var row = shape.OfWord(gradient, words.Features[i]);
                TensorPrimitives.MultiplyAdd(residual, words.Values[i], row, row);
            }
        }

        // -log p[label]
        private static double Attract(ReadOnlySpan<double> p, Span<float> residual, int label)
        {
            for (var i = 0; i < p.Length; i++)
            {
                residual[i] = (float)(p[i] - (i == label ? 1 : 0));
            }

            return -Math.Log(Math.Max(p[label], 1e-30));
        }

        // -log (1 - p[label])
        private static double Repel(ReadOnlySpan<double> p, Span<float> residual, int label)
        {
            var others = Math.Max(1 - p[label], 1e-12);
            for (var i = 0; i < p.Length; i++)
            {
                residual[i] = (float)(i == label ? p[label] : -p[label] * p[i] / others);
            }

            return -Math.Log(others);
        }
    }
}
