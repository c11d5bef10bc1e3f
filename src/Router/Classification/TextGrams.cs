namespace RouterGateway.Router.Classification;

/// <summary>The n-grams of a text, each as a hash of 64 bits (FNV-1a), so that none is kept as a string; in lower case.</summary>
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

    /// <summary>Adds sequences of characters within words, the blanks around them included: scikit-learn's char_wb.</summary>
    /// <param name="text">The text.</param>
    /// <param name="shortest">Characters of the shortest sequence.</param>
    /// <param name="longest">Characters of the longest.</param>
    /// <param name="grams">Receives the hashes.</param>
    public static void FindCharacters(string text, int shortest, int longest, ref PooledList<ulong> grams)
    {
        for (var start = 0; start < text.Length; start++)
        {
            if (char.IsWhiteSpace(text[start]))
            {
                continue;
            }

            var end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            // the word from -1 to end, both blanks included
            for (var first = start - 1; first <= end - 1; first++)
            {
                var hash = ~Offset;
                for (var length = 1; length <= longest && first + length - 1 <= end; length++)
                {
                    var at = first + length - 1;
                    hash = Append(hash, at < start || at == end ? ' ' : char.ToLowerInvariant(text[at]));
                    if (length >= shortest)
                    {
                        grams.Add(hash);
                    }
                }
            }

            start = end;
        }
    }

    private static ulong Append(ulong hash, ulong part) => unchecked((hash ^ part) * Prime);

    private static bool IsWordPart(char c) => c == '_' || char.IsLetterOrDigit(c);
}
