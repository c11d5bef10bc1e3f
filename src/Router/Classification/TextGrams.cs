namespace RouterGateway.Router.Classification;

/// <summary>The words that scikit-learn's TfidfVectorizer finds by default, each as a hash of 64 bits (FNV-1a), so that none is kept as a string; in lower case.</summary>
internal static class TextGrams
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Adds words of two characters and more, and pairs of them, as scikit-learn's default token pattern finds them.</summary>
    public static void FindWords(string text, ref PooledList<ulong> grams)
    {
        var previous = 0UL;
        for (var start = 0; start < text.Length; start++)
        {
            if (!IsWordPart(text[start]))
            {
                continue;
            }

            var (end, hash) = (start, Offset);
            for (; end < text.Length && IsWordPart(text[end]); end++)
            {
                hash = Append(hash, char.ToLowerInvariant(text[end]));
            }

            if (end - start > 1)
            {
                grams.Add(hash);
                if (previous != 0)
                {
                    grams.Add(Append(Append(previous, ' '), hash));
                }

                previous = hash;
            }

            start = end;
        }
    }

    private static ulong Append(ulong hash, ulong part) => unchecked((hash ^ part) * Prime);

    private static bool IsWordPart(char c) => c == '_' || char.IsLetterOrDigit(c);
}
