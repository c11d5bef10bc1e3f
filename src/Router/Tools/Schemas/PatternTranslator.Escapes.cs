using System.Globalization;

namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class PatternTranslator
{
    private const string Digits = "0-9";
    private const string NotDigits = @"\u0000-/:-\ud7ff\ue000-\uffff";
    private const string Word = "a-zA-Z0-9_";
    private const string NotWord = @"\u0000-/:-@\u005b-\u005e`\u007b-\ud7ff\ue000-\uffff";
    private const string Space = @"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string NotSpace = @"\u0000-\u0008\u000e-\u001f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\uffff";

    private void TranslateEscape()
    {
        var next = _at + 1 < pattern.Length ? pattern[_at + 1] : '\0';
        if (next is 'b' or 'B' or 'A' or 'z')
        {
            _output.Append('\\').Append(next);
            _at += 2;
        }
        else if (next == 'Z') // no ECMA-262, but what schemas made by Python programs say for the end
        {
            _output.Append(@"\z");
            _at += 2;
        }
        else if (next is 'k' or (>= '1' and <= '9')) // refers back to a group
        {
            AppendAtom("\\" + next);
            _at += 2;
        }
        else if (ReadEscape(out var codePoint) is { } set)
        {
            AppendAtom(set.IsNegated ? $"(?:[{set.Members}]|{Pair})" : $"[{set.Members}]");
        }
        else
        {
            AppendAtom(Literal(codePoint));
        }
    }

    /// <returns>The set of characters that an escape stands for; null when it stands for one, <paramref name="codePoint"/>.</returns>
    private (string Members, bool IsNegated)? ReadEscape(out int codePoint)
    {
        codePoint = 0;
        if (++_at == pattern.Length)
        {
            _fault ??= @"ends in ""\""; write ""\\"" for a backslash";
            return null;
        }

        var escape = pattern[_at];
        switch (escape)
        {
            case 'd' or 'D' or 'w' or 'W' or 's' or 'S':
                _at++;
                return SetOf(escape);
            case 'p' or 'P' when _at + 1 < pattern.Length && pattern[_at + 1] == '{':
                return ReadCategory(escape);
            case 'u' or 'x':
                codePoint = ReadCode(escape == 'u' ? 4 : 2);
                return null;
            case 'c' when _at + 1 < pattern.Length && char.IsAsciiLetter(pattern[_at + 1]):
                codePoint = pattern[_at + 1] % 32;
                _at += 2;
                return null;
            default:
                codePoint = escape switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'v' => '\v', 'f' => '\f', 'b' => '\b', '0' => '\0', _ => ReadRune() };
                _at += escape is 't' or 'n' or 'r' or 'v' or 'f' or 'b' or '0' ? 1 : 0;
                if (char.IsAsciiLetter(escape) && codePoint == escape)
                {
                    _fault ??= $"has \"\\{escape}\", which means nothing; write \"{escape}\" for the letter";
                }

                return null;
        }
    }

    private static (string Members, bool IsNegated) SetOf(char escape) => escape switch
    {
        'd' => (Digits, false),
        'D' => (NotDigits, true),
        'w' => (Word, false),
        'W' => (NotWord, true),
        's' => (Space, false),
        _ => (NotSpace, true),
    };

    // .NET knows the general categories by their short names only, and no scripts.
    private (string Members, bool IsNegated)? ReadCategory(char escape)
    {
        var end = pattern.IndexOf('}', _at);
        var name = end < 0 ? "" : pattern[(_at + 2)..end];
        name = name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..];
        var category = name switch
        {
            "Letter" or "Alphabetic" => "L",
            "Uppercase_Letter" or "Uppercase" => "Lu",
            "Lowercase_Letter" or "Lowercase" => "Ll",
            "Mark" => "M",
            "Number" => "N",
            "Decimal_Number" or "digit" => "Nd",
            "Punctuation" or "punct" => "P",
            "Symbol" => "S",
            "Separator" => "Z",
            "Space_Separator" => "Zs",
            _ => name,
        };
        if (category.Length is 0 or > 2 || !char.IsAsciiLetterUpper(category[0]) || (category.Length == 2 && !char.IsAsciiLetterLower(category[1])))
        {
            _fault ??= $"has \"\\{escape}{{{JsonDisplay.Clean(name)}}}\", which is not supported; use a general category such as \\p{{L}}, or list the characters";
        }

        _at = end < 0 ? pattern.Length : end + 1;
        return ($@"\{escape}{{{category}}}", escape == 'P');
    }

    private int ReadCode(int digits)
    {
        var isBraced = digits == 4 && _at + 1 < pattern.Length && pattern[_at + 1] == '{';
        var start = _at + (isBraced ? 2 : 1);
        var end = isBraced ? pattern.IndexOf('}', start) : start + digits;
        if (end < 0 || end > pattern.Length || !int.TryParse(pattern.AsSpan(start, end - start), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code is < 0 or > 0x10FFFF)
        {
            _fault ??= "has an escape of a character without its hexadecimal digits; write four of them, as in \\u00e9";
            _at = pattern.Length;
            return 0;
        }

        _at = isBraced ? end + 1 : end;
        if (code is >= 0xD800 and < 0xDC00 && pattern.AsSpan(_at) is ['\\', 'u', 'd' or 'D', _, _, _, ..]
            && int.TryParse(pattern.AsSpan(_at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low) && low is >= 0xDC00 and < 0xE000)
        {
            _at += 6;
            return char.ConvertToUtf32((char)code, (char)low);
        }

        return code;
    }
}
