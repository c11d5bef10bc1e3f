namespace RouterGateway.Router.Classification;

/// <summary>Numbers that fix where a head's weights are: first [labels, dimension + 1] for the embedding, the bias last, then [words, labels].</summary>
/// <param name="Labels">Number of labels.</param>
/// <param name="Dimension">Length of an embedding.</param>
/// <param name="Words">Number of word features.</param>
internal readonly record struct HeadShape(int Labels, int Dimension, int Words)
{
    /// <summary>Number of weights.</summary>
    public int Weights => (Labels * (Dimension + 1)) + (Words * Labels);

    /// <summary>The weights of a label for the embedding, and its bias.</summary>
    public Span<float> OfLabel(Span<float> weights, int label) => weights.Slice(label * (Dimension + 1), Dimension + 1);

    /// <inheritdoc cref="OfLabel(Span{float}, int)"/>
    public ReadOnlySpan<float> OfLabel(ReadOnlySpan<float> weights, int label) => weights.Slice(label * (Dimension + 1), Dimension + 1);

    /// <summary>The weights of a word for every label.</summary>
    public Span<float> OfWord(Span<float> weights, int word) => weights.Slice((Labels * (Dimension + 1)) + (word * Labels), Labels);

    /// <inheritdoc cref="OfWord(Span{float}, int)"/>
    public ReadOnlySpan<float> OfWord(ReadOnlySpan<float> weights, int word) => weights.Slice((Labels * (Dimension + 1)) + (word * Labels), Labels);
}
