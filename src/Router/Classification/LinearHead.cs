using System.Numerics.Tensors;

namespace RouterGateway.Router.Classification;

/// <summary>Turns an embedding and the words of a text into calibrated probabilities of routes.</summary>
/// <param name="weights">Fitted, and divided by the temperature; see <see cref="HeadShape"/>.</param>
/// <param name="shape">Where the weights are.</param>
internal sealed class LinearHead(float[] weights, HeadShape shape)
{
    /// <summary>Number of labels.</summary>
    public int Labels => shape.Labels;

    /// <summary>Writes the logits of a text.</summary>
    /// <param name="weights">See <see cref="HeadShape"/>.</param>
    /// <param name="shape">Where the weights are.</param>
    /// <param name="embedding">L2-normalised.</param>
    /// <param name="words">The words of the text.</param>
    /// <param name="logits">Receives one value a label.</param>
    public static void Logits(ReadOnlySpan<float> weights, HeadShape shape, ReadOnlySpan<float> embedding, SparseVector words, Span<float> logits)
    {
        for (var label = 0; label < shape.Labels; label++)
        {
            var row = shape.OfLabel(weights, label);
            logits[label] = TensorPrimitives.Dot(row[..^1], embedding) + row[^1];
        }

        for (var i = 0; i < words.Features.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(shape.OfWord(weights, words.Features[i]), words.Values[i], logits, logits);
        }
    }

    /// <summary>Writes the probabilities; not finite when the embedding is not.</summary>
    /// <param name="embedding">L2-normalised.</param>
    /// <param name="words">The words of the text, by the vocabulary that the head was fitted with.</param>
    /// <param name="probabilities">Receives <see cref="Labels"/> values that add up to 1.</param>
    public void Probabilities(ReadOnlySpan<float> embedding, SparseVector words, Span<double> probabilities)
    {
        Span<float> logits = stackalloc float[shape.Labels];
        Logits(weights, shape, embedding, words, logits);
        TensorPrimitives.ConvertChecked<float, double>(logits, probabilities);
        TensorPrimitives.SoftMax(probabilities, probabilities);
    }
}
