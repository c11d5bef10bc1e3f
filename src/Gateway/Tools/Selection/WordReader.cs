using System.Globalization;

namespace RouterGateway.Gateway.Tools.Selection;

/// <summary>Reads the words of a text or of an identifier, in lower case: <c>getHTTPStatus_code</c> is get, http, status and code.</summary>
/// <param name="text">Any text.</param>
/// <param name="buffer">Where the word is; what a word has more than this is left out.</param>
internal ref struct WordReader(ReadOnlySpan<char> text, Span<char> buffer)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<char> _buffer = buffer;
    private int _at;
    private int _length;

    /// <summary>The word that was read; may be changed in place, until the next.</summary>
    public readonly Span<char> Word => _buffer[.._length];

    /// <summary>Reads the next word that is no number: numbers are what tools are called with, and say nothing of which.</summary>
    /// <returns>False when there is none.</returns>
    public bool Read()
    {
        do
        {
            while (_at < _text.Length && !IsPart(_text[_at]))
            {
                _at++;
            }

            _length = 0;
            for (var start = _at; _at < _text.Length && IsPart(_text[_at]) && (_at == start || !IsStart(_at)); _at++)
            {
                if (_length < _buffer.Length)
                {
                    _buffer[_length++] = char.ToLowerInvariant(_text[_at]);
                }
            }
        }
        while (_length > 0 && !Word.ContainsAnyExceptInRange('0', '9'));
        return _length > 0;
    }

    // of a word inside an identifier: the S of httpStatus, and that of HTTPStatus
    private readonly bool IsStart(int at) => char.IsAsciiLetterUpper(_text[at]) &&
        (!char.IsAsciiLetterUpper(_text[at - 1]) || (at + 1 < _text.Length && char.IsAsciiLetterLower(_text[at + 1])));

    private static bool IsPart(char character) => char.IsAsciiLetterOrDigit(character) || (character > 127 &&
        (char.IsLetterOrDigit(character) || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark));
}
