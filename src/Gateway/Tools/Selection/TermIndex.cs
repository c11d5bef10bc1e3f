using System.Runtime.InteropServices;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>For each term the documents that have it, and what that is worth. Immutable.</summary>
internal sealed class TermIndex
{
    // not frozen: freezing takes longer than all lookups until the next tool is registered
    private readonly Dictionary<ulong, int> _terms = [];
    private readonly int[] _starts; // of each term, in the two below; one more at the end
    private readonly int[] _documents;
    private readonly float[] _values;

    private TermIndex(IReadOnlyList<ulong[]> documents, Func<TermStatistics, float> value)
    {
        var frequencies = CountDocuments(documents);
        _starts = new int[frequencies.Count + 1];
        for (var term = 0; term < frequencies.Count; term++)
        {
            _starts[term + 1] = _starts[term] + frequencies[term];
        }

        _documents = new int[_starts[^1]];
        _values = new float[_starts[^1]];
        var next = _starts.AsSpan(0, frequencies.Count).ToArray();
        var averageLength = documents.Count == 0 ? 0 : documents.Average(static terms => (double)terms.Length);
        for (var document = 0; document < documents.Count; document++)
        {
            var allIdf = Runs(documents[document]).Sum(run => Idf(documents.Count, frequencies[_terms[run.Term]]));
            foreach (var (term, count) in Runs(documents[document]))
            {
                var number = _terms[term];
                var place = next[number]++;
                var idf = Idf(documents.Count, frequencies[number]);
                (_documents[place], _values[place]) = (document, value(new TermStatistics(count, idf, allIdf, documents[document].Length / averageLength)));
            }
        }
    }

    /// <summary>Okapi BM25.</summary>
    /// <param name="documents">The terms of each, sorted, repeated ones repeatedly.</param>
    /// <param name="k1">How soon more of a term is worth no more.</param>
    /// <param name="b">How much long documents lose, 0 to 1.</param>
    public static TermIndex Bm25(IReadOnlyList<ulong[]> documents, double k1, double b) =>
        new(documents, term => (float)(term.Idf * term.Count * (k1 + 1) / (term.Count + (k1 * (1 - b + (b * term.RelativeLength))))));

    /// <summary>Which share of a document is there, 0 to 1; rare terms weigh more.</summary>
    /// <param name="documents">The terms of each, sorted, each once.</param>
    public static TermIndex Coverage(IReadOnlyList<ulong[]> documents) => new(documents, static term => (float)(term.Idf / term.AllIdf));

    /// <summary>Adds to each document what it is worth.</summary>
    /// <param name="terms">Those of the question, each once; sorted, so that sums are the same to the last bit.</param>
    /// <param name="scores">By document.</param>
    public void Score(List<ulong> terms, Span<float> scores)
    {
        foreach (var term in CollectionsMarshal.AsSpan(terms))
        {
            if (_terms.TryGetValue(term, out var number))
            {
                for (var i = _starts[number]; i < _starts[number + 1]; i++)
                {
                    scores[_documents[i]] += _values[i];
                }
            }
        }
    }

    private List<int> CountDocuments(IReadOnlyList<ulong[]> documents)
    {
        var frequencies = new List<int>();
        foreach (var (term, _) in documents.SelectMany(Runs))
        {
            if (_terms.TryAdd(term, frequencies.Count))
            {
                frequencies.Add(0);
            }

            frequencies[_terms[term]]++;
        }

        return frequencies;
    }

    private static double Idf(int documents, int having) => Math.Log(1 + ((documents - having + 0.5) / (having + 0.5)));

    private static IEnumerable<(ulong Term, int Count)> Runs(ulong[] sorted)
    {
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            yield return (sorted[start], end - start);
            start = end;
        }
    }

    // RelativeLength: of the document, 1 = as long as all on average
    private readonly record struct TermStatistics(int Count, double Idf, double AllIdf, double RelativeLength);
}
