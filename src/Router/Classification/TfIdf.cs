using System.Runtime.InteropServices;

namespace RouterGateway.Router.Classification;

/// <summary>Weighs the n-grams of texts: 1 + ln(count), times the smoothed inverse document frequency, each kind of n-gram scaled to length 1.</summary>
internal sealed class TfIdf
{
    private readonly (GramKind Kind, Dictionary<ulong, (int Feature, float Idf)> Known)[] _kinds;

    private TfIdf((GramKind Kind, Dictionary<ulong, (int Feature, float Idf)> Known)[] kinds) => _kinds = kinds;

    /// <summary>Number of features.</summary>
    public int Features => _kinds.Sum(static kind => kind.Known.Count);

    /// <summary>Learns the n-grams of texts; their order does not matter.</summary>
    public static TfIdf Fit(IReadOnlyCollection<string> texts, params ReadOnlySpan<GramKind> kinds)
    {
        var known = new (GramKind Kind, Dictionary<ulong, (int, float)> Known)[kinds.Length];
        for (var (i, features) = (0, 0); i < kinds.Length; i++)
        {
            known[i] = (kinds[i], Vocabulary(texts, kinds[i], features));
            features += known[i].Known.Count;
        }

        return new TfIdf(known);
    }

    /// <summary>Returns the features of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">What each kind of n-gram is scaled to.</param>
    public SparseVector Transform(string text, float length = 1)
    {
        var (features, values) = (new List<int>(), new List<float>());
        foreach (var (kind, known) in _kinds)
        {
            Add(kind.GramsOf(text), known, length, features, values);
        }

        return new SparseVector([.. features], [.. values]);
    }

    private static void Add(
        IEnumerable<ulong> grams, Dictionary<ulong, (int Feature, float Idf)> known, float length, List<int> features, List<float> values)
    {
        var counts = new Dictionary<(int Feature, float Idf), int>();
        foreach (var gram in grams)
        {
            if (known.TryGetValue(gram, out var feature))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, feature, out _)++;
            }
        }

        var (first, squares) = (values.Count, 0.0);
        foreach (var ((feature, idf), count) in counts)
        {
            var value = (1 + MathF.Log(count)) * idf;
            features.Add(feature);
            values.Add(value);
            squares += value * value;
        }

        var scale = squares > 0 ? (float)(length / Math.Sqrt(squares)) : 0;
        foreach (ref var value in CollectionsMarshal.AsSpan(values)[first..])
        {
            value *= scale;
        }
    }

    private static Dictionary<ulong, (int Feature, float Idf)> Vocabulary(IReadOnlyCollection<string> texts, GramKind kind, int firstFeature)
    {
        var seen = new Dictionary<ulong, (int Texts, int Times)>();
        foreach (var text in texts)
        {
            foreach (var gram in kind.GramsOf(text).CountBy(static gram => gram))
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, gram.Key, out _);
                known = (known.Texts + 1, known.Times + gram.Value);
            }
        }

        // in an order of their own, so that nothing depends on the dictionary's
        var kept = seen.Where(gram => gram.Value.Texts >= kind.FewestTexts).OrderByDescending(static gram => gram.Value.Times).ThenBy(static gram => gram.Key).Take(kind.Most);
        var vocabulary = new Dictionary<ulong, (int, float)>();
        foreach (var (gram, known) in kept)
        {
            vocabulary[gram] = (firstFeature + vocabulary.Count, MathF.Log((1f + texts.Count) / (1f + known.Texts)) + 1);
        }

        return vocabulary;
    }
}
