using System.Numerics.Tensors;

namespace RouterGateway.Router.Classification;

/// <summary>Multinomial logistic regression with an L2 penalty, every label weighing the same however many examples it has.</summary>
internal static class LogisticRegression
{
    private const float NegligibleResidual = 1e-5f;

    /// <summary>Fits weights.</summary>
    /// <param name="examples">In a fixed order: sums of floats depend on it.</param>
    /// <param name="labels">Number of labels.</param>
    /// <param name="dimension">Length of an embedding.</param>
    /// <param name="regularisation">Strength of the penalty, on the scale of one example.</param>
    /// <param name="start">Weights to start from, left unchanged; null = zeros.</param>
    /// <returns>[labels, dimension + 1], the bias last.</returns>
    public static float[] Fit(IReadOnlyList<HeadExample> examples, int labels, int dimension, double regularisation, float[]? start)
    {
        var weights = new float[labels * (dimension + 1)];
        start?.CopyTo(weights, 0);
        if (labels > 1)
        {
            var importance = Importance(examples, labels);
            Lbfgs.Minimise(weights, (w, gradient) => Loss(examples, importance, w, gradient, labels, dimension, regularisation / examples.Count));
        }

        return weights;
    }

    /// <summary>Returns the logits of one embedding.</summary>
    public static double[] Logits(float[] weights, float[] embedding, int labels)
    {
        var logits = new double[labels];
        Logits(weights, embedding, logits);
        return logits;
    }

    private static void Logits(ReadOnlySpan<float> weights, float[] embedding, Span<double> logits)
    {
        var stride = embedding.Length + 1;
        for (var label = 0; label < logits.Length; label++)
        {
            var row = weights.Slice(label * stride, stride);
            logits[label] = TensorPrimitives.Dot(row[..^1], embedding) + row[^1];
        }
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

    private static double Loss(
        IReadOnlyList<HeadExample> examples, double[] importance, ReadOnlySpan<float> weights, Span<float> gradient, int labels, int dimension, double penalty)
    {
        gradient.Clear();
        var (loss, stride) = (0.0, dimension + 1);
        Span<double> p = stackalloc double[labels];
        Span<float> residual = stackalloc float[labels];
        for (var i = 0; i < examples.Count; i++)
        {
            var example = examples[i];
            Logits(weights, example.Embedding, p);
            loss += importance[i] / examples.Count * (example.IsCounterExample ? Repel(p, residual, example.Label) : Attract(p, residual, example.Label));
            for (var label = 0; label < labels; label++)
            {
                if (Math.Abs(residual[label]) < NegligibleResidual)
                {
                    continue; // most, once the fit is good: saves half of the time
                }

                var row = gradient.Slice(label * stride, stride);
                var step = residual[label] * (float)(importance[i] / examples.Count);
                TensorPrimitives.MultiplyAdd(example.Embedding, step, row[..^1], row[..^1]);
                row[^1] += step;
            }
        }

        for (var label = 0; label < labels; label++)
        {
            var w = weights.Slice(label * stride, dimension);
            var g = gradient.Slice(label * stride, dimension);
            loss += penalty / 2 * TensorPrimitives.SumOfSquares(w);
            TensorPrimitives.MultiplyAdd(w, (float)penalty, g, g);
        }

        return loss;
    }

    // -log p[label]; logits in p become probabilities
    private static double Attract(Span<double> p, Span<float> residual, int label)
    {
        TensorPrimitives.SoftMax(p, p);
        for (var i = 0; i < p.Length; i++)
        {
            residual[i] = (float)(p[i] - (i == label ? 1 : 0));
        }

        return -Math.Log(Math.Max(p[label], 1e-30));
    }

    // -log (1 - p[label])
    private static double Repel(Span<double> p, Span<float> residual, int label)
    {
        TensorPrimitives.SoftMax(p, p);
        var others = Math.Max(1 - p[label], 1e-12);
        for (var i = 0; i < p.Length; i++)
        {
            residual[i] = (float)(i == label ? p[label] : -p[label] * p[i] / others);
        }

        return -Math.Log(others);
    }
}
