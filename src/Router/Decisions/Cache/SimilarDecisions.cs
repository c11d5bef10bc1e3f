using System.Numerics.Tensors;

namespace RouterGateway.Router.Decisions.Cache;

/// <summary>The newest decisions of the scorer, found by the embeddings of their texts.</summary>
/// <remarks>Every one is compared: 2,048 embeddings of 256 numbers are half a million multiplications, next to nothing beside a run of the scorer.</remarks>
internal sealed class SimilarDecisions
{
    private const int Capacity = 2_048;

    private readonly Lock _lock = new();
    private readonly Entry[] _ring = new Entry[Capacity];
    private int _next;

    /// <summary>Remembers a decision.</summary>
    /// <param name="space">The tenant, table and models that it holds for.</param>
    /// <param name="decision">The decision; one without an embedding cannot be found again.</param>
    /// <param name="until">When it is forgotten.</param>
    public void Add(Digest space, TextDecision decision, DateTimeOffset until)
    {
        if (decision.Embedding is { } embedding)
        {
            lock (_lock)
            {
                _ring[_next] = new Entry(space, embedding, decision, until);
                _next = (_next + 1) % Capacity;
            }
        }
    }

    /// <summary>Finds the decision of the most similar text.</summary>
    /// <param name="space">As in <see cref="Add"/>.</param>
    /// <param name="embedding">Of the text, of length 1.</param>
    /// <param name="leastCosine">Least similarity.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null when no text is similar enough.</returns>
    public TextDecision? Find(Digest space, ReadOnlySpan<float> embedding, double leastCosine, DateTimeOffset now)
    {
        var best = (Cosine: leastCosine, Decision: (TextDecision?)null);
        lock (_lock)
        {
            foreach (ref readonly var entry in _ring.AsSpan())
            {
                if (entry.Embedding is not null && entry.Until > now && entry.Space == space && entry.Embedding.Length == embedding.Length &&
                    TensorPrimitives.Dot(entry.Embedding, embedding) is var cosine && cosine >= best.Cosine)
                {
                    best = (cosine, entry.Decision);
                }
            }
        }

        return best.Decision;
    }

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_ring);
        }
    }

    private readonly record struct Entry(Digest Space, float[]? Embedding, TextDecision? Decision, DateTimeOffset Until);
}
