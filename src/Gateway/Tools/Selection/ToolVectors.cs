namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>The embeddings of documents, as far as they are known. Immutable.</summary>
internal sealed class ToolVectors
{
    private readonly float[] _rows;
    private readonly bool[] _isKnown;

    /// <param name="words">The documents.</param>
    /// <param name="modelHash">The model that the vectors are of; <c>null</c>: there is none.</param>
    /// <param name="byHash">Vectors by <see cref="ToolDocument.Hash"/>.</param>
    public ToolVectors(ToolWordIndex words, string? modelHash, IReadOnlyDictionary<string, ReadOnlyMemory<float>> byHash)
    {
        ModelHash = modelHash;
        Dimension = byHash.Values.FirstOrDefault().Length;
        _rows = new float[words.Documents.Count * Dimension];
        _isKnown = new bool[words.Documents.Count];
        for (var i = 0; i < _isKnown.Length; i++)
        {
            if (byHash.TryGetValue(words.Documents[i].Hash, out var vector) && vector.Length == Dimension)
            {
                vector.Span.CopyTo(_rows.AsSpan(i * Dimension));
                _isKnown[i] = true;
                Known++;
            }
        }
    }

    /// <summary>The model; <c>null</c> without one.</summary>
    public string? ModelHash { get; }

    /// <summary>Values of each vector; 0 when none is known.</summary>
    public int Dimension { get; }

    /// <summary>How many documents have one.</summary>
    public int Known { get; }

    /// <summary>The vector of a document; empty when it is not known yet.</summary>
    public ReadOnlySpan<float> Of(int document) => document >= 0 && _isKnown[document] ? _rows.AsSpan(document * Dimension, Dimension) : [];
}
