namespace RouterGateway.Router.Classification;

/// <summary>The n-grams of a text, each as a hash of 64 bits, so that none is kept as a string.</summary>
internal static class TextGrams
{
    private const ulong Offset = 14695981039346656037; // FNV-1a
    private const ulong Prime = 1099511628211;

    /// <summary>Words of two characters and more, and pairs of them, as scikit-learn's default token pattern finds them.</summary>
    public static IEnumerable<ulong> OfWords(string text)
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
                hash = Add(hash, char.ToLowerInvariant(text[end]));
            }

            if (end - start > 1)
            {
                yield return hash;
                if (previous != 0)
                {
                    yield return Add(Add(previous, ' '), hash);
                }

                previous = hash;
            }

            start = end;
        }
    }

    /// <summary>Sequences of characters within words, the blanks around them included: scikit-learn's char_wb.</summary>
    /// <param name="text">The text.</param>
    /// <param name="shortest">Characters of the shortest sequence.</param>
    /// <param name="longest">Characters of the longest.</param>
    public static IEnumerable<ulong> OfCharacters(string text, int shortest, int longest)
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
                    hash = Add(hash, at < start || at == end ? ' ' : char.ToLowerInvariant(text[at]));
                    if (length >= shortest)
                    {
                        yield return hash;
                    }
                }
            }

            start = end;
        }
    }

    private static ulong Add(ulong hash, ulong part) => unchecked((hash ^ part) * Prime);

    private static bool IsWordPart(char c) => c == '_' || char.IsLetterOrDigit(c);
}
