namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Takes the commonest endings off English words, so that "trips" is "trip" and "booking" is "book". Rough: both sides are treated alike.</summary>
internal static class EnglishStem
{
    private const int ShortestWord = 4;

    /// <summary>The stem of a word in lower case; changes the word in place.</summary>
    public static ReadOnlySpan<char> Of(Span<char> word)
    {
        if (word.Length < ShortestWord)
        {
            return word;
        }

        word = WithoutPlural(word);
        word = word.Length > 5 && word.EndsWith("ing") ? word[..^3] : word.Length > 4 && word.EndsWith("ed") ? word[..^2] : word;
        if (word.Length > 1 && word[^1] == word[^2] && "bdfgmnprt".Contains(word[^1], StringComparison.Ordinal))
        {
            word = word[..^1];
        }

        return word.Length > 4 && word[^1] == 'e' ? word[..^1] : word;
    }

    private static Span<char> WithoutPlural(Span<char> word)
    {
        if (word.Length > 4 && word.EndsWith("ies"))
        {
            word[^3] = 'y';
            return word[..^2];
        }

        return word.EndsWith("sses") || word.EndsWith("xes") || word.EndsWith("ches") || word.EndsWith("shes") || word.EndsWith("zes") ? word[..^2]
            : word[^1] == 's' && word[^2] is not ('s' or 'u') ? word[..^1]
            : word;
    }
}
