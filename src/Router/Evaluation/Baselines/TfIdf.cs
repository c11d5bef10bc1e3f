using System.Runtime.InteropServices;

namespace RouterGateway.Router.Evaluation.Baselines;

/// <summary>Weighs the n-grams of texts: 1 + ln(count), times the smoothed inverse document frequency, each of the two kinds scaled to length 1.</summary>
internal sealed class TfIdf
{
    private const int FewTexts = 1_000; // below this number every n-gram counts
    private const int MostCharacterGrams = 300_000;

    private readonly Dictionary<ulong, (int Feature, float Idf)> _words;
    private readonly Dictionary<ulong, (int Feature, float Idf)> _characters;

    private TfIdf(Dictionary<ulong, (int Feature, float Idf)> words, Dictionary<ulong, (int Feature, float Idf)> characters)
    {
        (_words, _characters) = (words, characters);
    }

    /// <summary>Number of features.</summary>
    public int Features => _words.Count + _characters.Count;

    /// <summary>Learns the n-grams of texts.</summary>
    public static TfIdf Fit(IReadOnlyList<string> texts)
    {
        var isSmall = texts.Count < FewTexts;
        var words = Vocabulary(texts, TextGrams.OfWords, isSmall ? 1 : 2, int.MaxValue, 0);
        return new TfIdf(words, Vocabulary(texts, TextGrams.OfCharacters, isSmall ? 1 : 3, MostCharacterGrams, words.Count));
    }

    /// <summary>Returns the features of a text.</summary>
    public SparseVector Transform(string text)
    {
        var (features, values) = (new List<int>(), new List<float>());
        Add(TextGrams.OfWords(text), _words, features, values);
        Add(TextGrams.OfCharacters(text), _characters, features, values);
        return new SparseVector([.. features], [.. values]);
    }

    private static void Add(IEnumerable<ulong> grams, Dictionary<ulong, (int Feature, float Idf)> vocabulary, List<int> features, List<float> values)
    {
        var first = values.Count;
        var squares = 0.0;
        foreach (var (gram, count) in Count(grams))
        {
            if (vocabulary.TryGetValue(gram, out var known))
            {
                var value = (1 + MathF.Log(count)) * known.Idf;
                features.Add(known.Feature);
                values.Add(value);
                squares += value * value;
            }
        }

        var scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
        foreach (ref var value in CollectionsMarshal.AsSpan(values)[first..])
        {
            value *= scale;
        }
    }

    private static Dictionary<ulong, (int Feature, float Idf)> Vocabulary(
        IReadOnlyList<string> texts, Func<string, IEnumerable<ulong>> gramsOf, int leastTexts, int most, int firstFeature)
    {
        var seen = new Dictionary<ulong, (int Texts, int Times)>();
        foreach (var text in texts)
        {
            foreach (var (gram, count) in Count(gramsOf(text)))
            {
                ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, gram, out _);
                known = (known.Texts + 1, known.Times + count);
            }
        }

        // in an order of their own, so that nothing depends on the dictionary's
        var kept = seen.Where(gram => gram.Value.Texts >= leastTexts).OrderByDescending(static gram => gram.Value.Times).ThenBy(static gram => gram.Key).Take(most);
        var vocabulary = new Dictionary<ulong, (int, float)>();
        foreach (var (gram, known) in kept)
        {
            vocabulary[gram] = (firstFeature + vocabulary.Count, MathF.Log((1f + texts.Count) / (1f + known.Texts)) + 1);
        }

        return vocabulary;
    }

    private static Dictionary<ulong, int> Count(IEnumerable<ulong> grams)
    {
        var counts = new Dictionary<ulong, int>();
        foreach (var gram in grams)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, gram, out _)++;
        }

        return counts;
    }
}
