using System.Numerics.Tensors;

namespace RouterGateway.Router.Classification;

/// <summary>Turns an embedding into calibrated probabilities of routes.</summary>
internal sealed class LinearHead
{
    private readonly float[] _weights; // [labels, dimension + 1], the bias last, already divided by the temperature

    /// <summary>Creates a head from fitted weights.</summary>
    public LinearHead(float[] weights, int labels, int dimension)
    {
        (_weights, Labels, Dimension) = (weights, labels, dimension);
    }

    /// <summary>Number of labels.</summary>
    public int Labels { get; }

    /// <summary>Length of an embedding.</summary>
    public int Dimension { get; }

    /// <summary>Writes the probabilities; not finite when the embedding is not.</summary>
    /// <param name="embedding">L2-normalised.</param>
    /// <param name="probabilities">Receives <see cref="Labels"/> values that add up to 1.</param>
    public void Probabilities(ReadOnlySpan<float> embedding, Span<double> probabilities)
    {
        for (var label = 0; label < Labels; label++)
        {
            var row = _weights.AsSpan(label * (Dimension + 1), Dimension + 1);
            probabilities[label] = TensorPrimitives.Dot(row[..Dimension], embedding) + row[Dimension];
        }

        TensorPrimitives.SoftMax(probabilities[..Labels], probabilities);
    }
}
