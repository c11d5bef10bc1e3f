using System.Runtime.InteropServices;

namespace RouterGateway.Router.Classification;

/// <summary>Weighs the n-grams of texts: 1 + ln(count), times the smoothed inverse document frequency, each kind of n-gram scaled to length 1.</summary>
internal sealed class TfIdf
{
    private readonly (GramKind Kind, Dictionary<ulong, int> Features)[] _kinds;
    private readonly float[] _idf; // of every feature

    private TfIdf((GramKind Kind, Dictionary<ulong, int> Features)[] kinds, float[] idf) => (_kinds, _idf) = (kinds, idf);

    /// <summary>Number of features.</summary>
    public int Features => _idf.Length;

    /// <summary>Learns the n-grams of texts; their order does not matter.</summary>
    public static TfIdf Fit(IReadOnlyCollection<string> texts, params ReadOnlySpan<GramKind> kinds)
    {
        var found = new (GramKind, Dictionary<ulong, int>)[kinds.Length];
        var idf = new List<float>();
        for (var i = 0; i < kinds.Length; i++)
        {
            found[i] = (kinds[i], Vocabulary(texts, kinds[i], idf));
        }

        return new TfIdf(found, [.. idf]);
    }

    /// <summary>Returns the features of a text, in ascending order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="length">What each kind of n-gram is scaled to.</param>
    public SparseVector Transform(string text, float length = 1)
    {
        var features = new PooledList<int>();
        var values = new PooledList<float>();
        try
        {
            foreach (var (kind, known) in _kinds)
            {
                Add(text, kind, known, length, ref features, ref values);
            }

            return new SparseVector(features.Items.ToArray(), values.Items.ToArray());
        }
        finally
        {
            features.Dispose();
            values.Dispose();
        }
    }

    private void Add(string text, GramKind kind, Dictionary<ulong, int> known, float length, ref PooledList<int> features, ref PooledList<float> values)
    {
        var grams = new PooledList<ulong>();
        var present = new PooledList<int>();
        try
        {
            kind.Find(text, ref grams);
            foreach (var gram in grams.Items)
            {
                if (known.TryGetValue(gram, out var feature))
                {
                    present.Add(feature);
                }
            }

            present.Items.Sort();
            var (first, squares) = (values.Count, 0.0);
            for (var i = 0; i < present.Count;)
            {
                var (feature, count) = (present.Items[i], 0);
                for (; i < present.Count && present.Items[i] == feature; i++)
                {
                    count++;
                }

                var value = (1 + MathF.Log(count)) * _idf[feature];
                features.Add(feature);
                values.Add(value);
                squares += value * value;
            }

            var scale = squares > 0 ? (float)(length / Math.Sqrt(squares)) : 0;
            foreach (ref var value in values.Items[first..])
            {
                value *= scale;
            }
        }
        finally
        {
            grams.Dispose();
            present.Dispose();
        }
    }

    private static Dictionary<ulong, int> Vocabulary(IReadOnlyCollection<string> texts, GramKind kind, List<float> idf)
    {
        var seen = new Dictionary<ulong, (int Texts, int Times, int LastText)>();
        var number = 0; // of the text, from 1
        foreach (var text in texts)
        {
            number++;
            var grams = new PooledList<ulong>();
            kind.Find(text, ref grams);
            foreach (var gram in grams.Items)
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, gram, out _);
                known = (known.Texts + (known.LastText == number ? 0 : 1), known.Times + 1, number);
            }

            grams.Dispose();
        }

        // in an order of their own, so that nothing depends on the dictionary's
        var kept = seen.Where(gram => gram.Value.Texts >= kind.FewestTexts).OrderByDescending(static gram => gram.Value.Times).ThenBy(static gram => gram.Key).Take(kind.Most);
        var features = new Dictionary<ulong, int>();
        foreach (var (gram, known) in kept)
        {
            features[gram] = idf.Count;
            idf.Add(MathF.Log((1f + texts.Count) / (1f + known.Texts)) + 1);
        }

        return features;
    }
}
