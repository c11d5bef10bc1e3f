using System.Buffers;
using System.Collections.Frozen;

namespace RouterGateway.Inference.Tokenization;

/// <summary>Finds added tokens in text: the leftmost, and of those that begin there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<char> _firstCharacters;
    private readonly FrozenDictionary<char, AddedToken[]> _byFirstCharacter; // longest first

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirstCharacter = tokens
            .Where(static token => token.Content.Length > 0)
            .SelectMany(static token => FirstCharacters(token), static (token, first) => (token, first))
            .GroupBy(static pair => pair.first)
            .ToFrozenDictionary(
                static group => group.Key,
                static group => group.Select(static pair => pair.token).OrderByDescending(static token => token.Content.Length).ToArray());
        _firstCharacters = SearchValues.Create([.. _byFirstCharacter.Keys]);
    }

    /// <summary>Finds the first token in the text.</summary>
    /// <returns>Its position and the token; a position of -1 when there is none.</returns>
    public (int Position, AddedToken? Token) Find(ReadOnlySpan<char> text)
    {
        for (var position = 0; position < text.Length; position++)
        {
            var offset = text[position..].IndexOfAny(_firstCharacters);
            if (offset < 0)
            {
                break;
            }

            position += offset;
            foreach (var token in _byFirstCharacter[text[position]])
            {
                if (StartsWith(text[position..], token))
                {
                    return (position, token);
                }
            }
        }

        return (-1, null);
    }

    private static IEnumerable<char> FirstCharacters(AddedToken token) =>
        token is { IsNormalized: true, Content: ['▁', ..] } ? ['▁', ' '] : [token.Content[0]];

    // A normalized token is matched after the normalizer, that is, with spaces already replaced.
    private static bool StartsWith(ReadOnlySpan<char> text, AddedToken token)
    {
        if (!token.IsNormalized)
        {
            return text.StartsWith(token.Content, StringComparison.Ordinal);
        }

        if (text.Length < token.Content.Length)
        {
            return false;
        }

        for (var i = 0; i < token.Content.Length; i++)
        {
            if (text[i] != token.Content[i] && !(text[i] == ' ' && token.Content[i] == '▁'))
            {
                return false;
            }
        }

        return true;
    }
}
