namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>What texts are compared by, beside their embeddings: each a number, so that none is kept as a string.</summary>
internal static class ToolTerms
{
    private const int LongestWord = 64;
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Adds every sequence of three characters within a word, the blanks around it included.</summary>
    /// <remarks>They find "rates" by "rating", need no rules of a language, and serve those that are written without blanks. Sequences of four and
    /// five, and stems of words, found fewer of the right tools.</remarks>
    public static void AddGrams(ReadOnlySpan<char> text, List<ulong> terms)
    {
        var words = new WordReader(text, stackalloc char[LongestWord]);
        while (words.Read())
        {
            var word = words.Word;
            var gram = (ulong)' ';
            for (var i = 0; i <= word.Length; i++)
            {
                gram = ((gram << 16) | (i < word.Length ? word[i] : ' ')) & 0xFFFF_FFFF_FFFF;
                if (i > 0)
                {
                    terms.Add(gram);
                }
            }
        }
    }

    /// <summary>Adds every word.</summary>
    public static void AddWords(ReadOnlySpan<char> text, List<ulong> terms)
    {
        var words = new WordReader(text, stackalloc char[LongestWord]);
        while (words.Read())
        {
            terms.Add(Hash(words.Word));
        }
    }

    /// <summary>Adds the stem of every word, as far as the endings of English go.</summary>
    public static void AddStems(ReadOnlySpan<char> text, List<ulong> terms)
    {
        var words = new WordReader(text, stackalloc char[LongestWord]);
        while (words.Read())
        {
            terms.Add(Hash(EnglishStem.Of(words.Word)));
        }
    }

    /// <summary>Sorts terms and leaves each once.</summary>
    public static void Distinct(List<ulong> terms)
    {
        terms.Sort();
        var kept = 0;
        for (var i = 0; i < terms.Count; i++)
        {
            if (i == 0 || terms[i] != terms[kept - 1])
            {
                terms[kept++] = terms[i];
            }
        }

        terms.RemoveRange(kept, terms.Count - kept);
    }

    private static ulong Hash(ReadOnlySpan<char> word)
    {
        var hash = Offset;
        foreach (var character in word)
        {
            hash = unchecked((hash ^ character) * Prime);
        }

        return hash;
    }
}
