using System.Numerics.Tensors;
using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>Multinomial logistic regression with an L2 penalty on sparse vectors, fitted by AdaGrad one example at a time.</summary>
/// <remarks>
/// L-BFGS, which fits the router's dense head, had not converged here after 40 passes over 53,272 texts (96.5 % of dev.jsonl).
/// Weights are [features + 1, labels], the bias last: the labels of one feature share a cache line.
/// </remarks>
internal sealed class SparseLogisticRegression
{
    /// <summary>Passes over many examples; few ones are gone over more often.</summary>
    public const int FewestPasses = 10;

    private const int FewestSteps = 100_000;
    private const float Strength = 10; // scikit-learn's C: the loss of an example weighs so much more than the penalty
    private const float Rate = 0.5f;
    private const int Seed = 1;

    private readonly float[] _weights;
    private readonly int _labels;

    private SparseLogisticRegression(float[] weights, int labels) => (_weights, _labels) = (weights, labels);

    /// <summary>Fits weights; the same examples in the same order give the same weights.</summary>
    /// <param name="examples">The vectors and their labels.</param>
    /// <param name="features">Number of features.</param>
    /// <param name="labels">Number of labels.</param>
    /// <param name="progress">Told the percentage done; null: nobody wants to know.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static SparseLogisticRegression Fit(
        (SparseVector Vector, int Label)[] examples, int features, int labels, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var model = new SparseLogisticRegression(new float[(features + 1) * labels], labels);
        var squares = new float[model._weights.Length];
        var penalties = Penalties(examples, features);
        var random = new Random(Seed);
        var passes = Math.Max(FewestPasses, FewestSteps / Math.Max(1, examples.Length));
        var order = Enumerable.Range(0, examples.Length).ToArray();
        var residual = new double[labels];
        for (var pass = 0; pass < passes; pass++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Shuffle(order);
            foreach (var i in order)
            {
                model.Learn(examples[i].Vector, examples[i].Label, residual, squares, penalties);
            }

            progress?.Report(100 * (pass + 1) / passes);
        }

        return model;
    }

    /// <summary>Returns the probability of every label.</summary>
    public double[] Classify(SparseVector vector)
    {
        var probabilities = new double[_labels];
        Probabilities(vector, probabilities);
        return probabilities;
    }

    // The penalty of a weight is paid in equal parts by the examples that have its feature, so that others need not be touched.
    private static float[] Penalties((SparseVector Vector, int Label)[] examples, int features)
    {
        var counts = new int[features];
        foreach (var (vector, _) in examples)
        {
            foreach (var feature in vector.Features)
            {
                counts[feature]++;
            }
        }

        return Array.ConvertAll(counts, static count => 1 / (Strength * Math.Max(1, count)));
    }

    private void Learn(SparseVector vector, int label, double[] residual, float[] squares, float[] penalties)
    {
        Probabilities(vector, residual);
        residual[label] -= 1;
        for (var k = 0; k < vector.Features.Length; k++)
        {
            Step(vector.Features[k], vector.Values[k], penalties[vector.Features[k]], residual, squares);
        }

        Step((_weights.Length / _labels) - 1, 1, 0, residual, squares);
    }

    private void Step(int feature, float value, float penalty, double[] residual, float[] squares)
    {
        var row = _weights.AsSpan(feature * _labels, _labels);
        var past = squares.AsSpan(feature * _labels, _labels);
        for (var i = 0; i < row.Length; i++)
        {
            var gradient = ((float)residual[i] * value) + (penalty * row[i]);
            past[i] += gradient * gradient;
            row[i] -= Rate * gradient / (MathF.Sqrt(past[i]) + 1e-6f);
        }
    }

    private void Probabilities(SparseVector vector, double[] probabilities)
    {
        Span<float> logits = stackalloc float[_labels];
        _weights.AsSpan(_weights.Length - _labels).CopyTo(logits);
        for (var k = 0; k < vector.Features.Length; k++)
        {
            var row = _weights.AsSpan(vector.Features[k] * _labels, _labels);
            for (var i = 0; i < row.Length; i++)
            {
                logits[i] += row[i] * vector.Values[k];
            }
        }

        for (var i = 0; i < _labels; i++)
        {
            probabilities[i] = logits[i];
        }

        TensorPrimitives.SoftMax(probabilities, probabilities);
    }
}
