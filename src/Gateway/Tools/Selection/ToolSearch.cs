using System.Buffers;
using System.Numerics.Tensors;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Finds the tools of a view that fit a text best. Pure: the same question has the same answer, on any thread.</summary>
internal static class ToolSearch
{
    // Head and tail of a longer text: that is where people say what they want. It is about 500 tokens.
    private const int MostCharacters = 2048;

    /// <summary>Searches.</summary>
    /// <param name="snapshot">Where.</param>
    /// <param name="view">The tools of the owner.</param>
    /// <param name="query">What for.</param>
    /// <param name="vector">Embedding of the text by the model of the snapshot; empty: words alone decide.</param>
    /// <param name="weights">What counts how much.</param>
    /// <param name="health">Which tools are broken; <c>null</c>: none.</param>
    /// <returns>Best first, equal ones by name.</returns>
    public static IReadOnlyList<ScoredTool> Find(
        ToolIndexSnapshot snapshot, ToolView view, ToolQuery query, ReadOnlySpan<float> vector, FusionWeights weights, ToolHealth? health = null)
    {
        var count = view.Tools.Length;
        if (query.Top <= 0 || count == 0)
        {
            return [];
        }

        var places = snapshot.Words.PlacesOf(view).Documents;
        var size = Math.Max(count, snapshot.Words.Documents.Count);
        var raw = ArrayPool<float>.Shared.Rent(size);
        var totals = ArrayPool<double>.Shared.Rent(count);
        try
        {
            Array.Clear(totals, 0, count);
            AddWords(snapshot.Words, places, query.Text, weights, raw.AsSpan(0, size), totals.AsSpan(0, count));
            if (vector.Length > 0 && vector.Length == snapshot.Vectors.Dimension)
            {
                AddMeaning(snapshot.Vectors, places, vector, weights.Meaning, raw, totals);
            }

            return Best(view, query, totals, health);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(raw);
            ArrayPool<double>.Shared.Return(totals);
        }
    }

    private static void AddWords(ToolWordIndex words, ReadOnlySpan<int> places, string text, FusionWeights weights, Span<float> raw, Span<double> totals)
    {
        var head = text.AsSpan(0, Math.Min(text.Length, text.Length > MostCharacters ? MostCharacters / 2 : MostCharacters));
        var tail = text.Length > MostCharacters ? text.AsSpan(text.Length - (MostCharacters / 2)) : [];
        var terms = new List<ulong>(head.Length + tail.Length + 1);
        if (weights.Grams != 0)
        {
            ToolTerms.AddGrams(head, terms);
            ToolTerms.AddGrams(tail, terms);
            Add(words.Grams, terms, places, weights.Grams, raw, totals);
        }

        if (weights.Name != 0)
        {
            terms.Clear();
            ToolTerms.AddStems(head, terms);
            ToolTerms.AddStems(tail, terms);
            Add(words.Names, terms, places, weights.Name, raw, totals);
        }
    }

    private static void Add(TermIndex index, List<ulong> terms, ReadOnlySpan<int> places, double weight, Span<float> raw, Span<double> totals)
    {
        ToolTerms.Distinct(terms);
        raw.Clear();
        index.Score(terms, raw);
        var known = new Moments();
        foreach (var place in places)
        {
            known.Add(place >= 0 ? raw[place] : 0);
        }

        for (var i = 0; i < places.Length; i++)
        {
            totals[i] += weight * known.Standardise(places[i] >= 0 ? raw[places[i]] : 0);
        }
    }

    // A tool that is not embedded yet is as likely as the mean of the others, so that its words decide.
    private static void AddMeaning(ToolVectors vectors, ReadOnlySpan<int> places, ReadOnlySpan<float> vector, double weight, Span<float> raw, Span<double> totals)
    {
        var known = new Moments();
        for (var i = 0; i < places.Length; i++)
        {
            var row = vectors.Of(places[i]);
            raw[i] = row.IsEmpty ? float.NaN : TensorPrimitives.Dot(row, vector);
            if (!row.IsEmpty)
            {
                known.Add(raw[i]);
            }
        }

        for (var i = 0; i < places.Length; i++)
        {
            totals[i] += float.IsNaN(raw[i]) ? 0 : weight * known.Standardise(raw[i]);
        }
    }

    private static List<ScoredTool> Best(ToolView view, ToolQuery query, ReadOnlySpan<double> totals, ToolHealth? health)
    {
        var best = new List<ScoredTool>(Math.Min(query.Top, view.Tools.Length));
        for (var i = 0; i < view.Tools.Length; i++)
        {
            var (tool, score) = (view.Tools[i], totals[i]);
            if ((best.Count == query.Top && score <= best[^1].Score) || !query.Allows(tool) || health?.IsBroken(tool) == true)
            {
                continue;
            }

            if (best.Count == query.Top)
            {
                best.RemoveAt(best.Count - 1);
            }

            var place = best.Count; // behind equal ones, which the view has in the order of names
            while (place > 0 && best[place - 1].Score < score)
            {
                place--;
            }

            best.Insert(place, new ScoredTool(tool, score));
        }

        return best;
    }

    // Mean and deviation; the same for all tools of a view whatever is filtered, so that filters change no score.
    private struct Moments
    {
        private int _count;
        private double _sum;
        private double _squares;

        public void Add(double value)
        {
            _count++;
            _sum += value;
            _squares += value * value;
        }

        public readonly double Standardise(double value)
        {
            var mean = _sum / Math.Max(1, _count);
            var variance = (_squares / Math.Max(1, _count)) - (mean * mean);
            return variance > 1e-12 ? (value - mean) / Math.Sqrt(variance) : 0;
        }
    }
}
