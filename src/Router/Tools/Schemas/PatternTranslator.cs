using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Writes a regular expression of ECMA-262 (with the flag "u", as JSON Schema has it) as one of .NET that means the same.</summary>
/// <remarks>
/// RegexOptions.ECMAScript would not do: it knows neither \p nor surrogate pairs, and cannot be had without backtracking.
/// What remains different: \b goes by Unicode's letters, and half of a surrogate pair matches no dot.
/// </remarks>
internal sealed partial class PatternTranslator(string pattern)
{
    private const int DeepestGroup = 64;
    private const int MostStates = 1 << 24;
    private const string Pair = @"[\ud800-\udbff][\udc00-\udfff]";

    private readonly StringBuilder _output = new(pattern.Length * 2);
    private readonly Stack<long> _groups = new([0]);
    private string? _fault;
    private int _at;
    private long _atom;

    /// <summary>About how many states an automaton for the pattern has.</summary>
    public long States => _groups.Peek();

    /// <returns>Whether it can be; if not, the fault is the end of a sentence about the pattern.</returns>
    public bool TryTranslate([NotNullWhen(true)] out string? translated, [NotNullWhen(false)] out string? fault)
    {
        while (_at < pattern.Length && _fault is null)
        {
            Translate(pattern[_at]);
        }

        if (_groups.Count > 1)
        {
            _fault ??= "has a group that is not closed; add \")\"";
        }

        fault = _fault;
        translated = fault is null ? _output.ToString() : null;
        return fault is null;
    }

    private void Translate(char character)
    {
        switch (character)
        {
            case '\\':
                TranslateEscape();
                break;
            case '[':
                TranslateClass();
                break;
            case '(':
                OpenGroup();
                break;
            case ')':
                CloseGroup();
                break;
            case '{':
                TranslateRepetition();
                break;
            case '.':
                _at++;
                AppendAtom($@"(?:[^\n\r\u2028\u2029\ud800-\udfff]|{Pair})");
                break;
            case '$':
                _at++;
                _output.Append(@"\z"); // .NET's $ also matches before a line feed at the end
                break;
            case '^' or '|' or '*' or '+' or '?':
                _at++;
                _output.Append(character);
                break;
            default:
                AppendAtom(Literal(ReadRune()));
                break;
        }
    }

    private void AppendAtom(string translated)
    {
        _output.Append(translated);
        Count(1);
    }

    private void Count(long states)
    {
        _atom = states;
        _groups.Push(Math.Min(MostStates, _groups.Pop() + states));
    }

    private void OpenGroup()
    {
        if (_groups.Count > DeepestGroup)
        {
            _fault = $"has groups nested deeper than {DeepestGroup}; make it flatter";
        }

        _groups.Push(0);
        _output.Append('(');
        _at++;
        if (_at < pattern.Length && pattern[_at] == '?')
        {
            var length = pattern.AsSpan(_at) switch
            {
                ['?', '<', '=' or '!', ..] => 3,
                ['?', '<', ..] => pattern.IndexOf('>', _at) is var end and >= 0 ? end - _at + 1 : 2,
                ['?', ':' or '=' or '!', ..] => 2,
                _ => 0,
            };
            if (length == 0)
            {
                _fault ??= "has a group that begins with \"(?\" but with none of (?:  (?=  (?!  (?<=  (?<!  (?<name>; use one of these";
            }

            _output.Append(pattern, _at, Math.Min(length, pattern.Length - _at));
            _at += length;
        }
    }

    private void CloseGroup()
    {
        if (_groups.Count == 1)
        {
            _fault = "closes a group that was not opened; remove the \")\" or write \"\\)\"";
            return;
        }

        _at++;
        _output.Append(')');
        Count(Math.Max(1, _groups.Pop()));
    }

    // {2}, {2,} and {2,5}; anything else is a brace like any other.
    private void TranslateRepetition()
    {
        var end = pattern.IndexOf('}', _at);
        var inside = end < 0 ? "" : pattern[(_at + 1)..end];
        var comma = inside.IndexOf(',', StringComparison.Ordinal);
        var (least, most) = comma < 0 ? (inside, inside) : (inside[..comma], inside[(comma + 1)..]);
        if (least.Length == 0 || !least.All(char.IsAsciiDigit) || !most.All(char.IsAsciiDigit))
        {
            _at++;
            AppendAtom(@"\{");
            return;
        }

        var times = Math.Max(ParseTimes(least), ParseTimes(most));
        Count(_atom * Math.Max(0, times - 1));
        _output.Append(pattern, _at, end - _at + 1);
        _at = end + 1;
    }

    private static long ParseTimes(string digits) =>
        digits.Length == 0 ? 0 : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? Math.Min(times, 1 << 20) : 1 << 20;

    private int ReadRune()
    {
        Rune.DecodeFromUtf16(pattern.AsSpan(_at), out var rune, out var length);
        var single = pattern[_at];
        _at += length;
        return rune == Rune.ReplacementChar && length == 1 ? single : rune.Value; // half of a pair stands for itself
    }

    // A pair of surrogates is a group, so that what follows repeats the whole.
    private static string Literal(int codePoint) =>
        codePoint > char.MaxValue ? $"(?:{Unit(char.ConvertFromUtf32(codePoint)[0])}{Unit(char.ConvertFromUtf32(codePoint)[1])})"
        : codePoint < 128 && char.IsAsciiLetterOrDigit((char)codePoint) ? ((char)codePoint).ToString()
        : Unit((char)codePoint);

    private static string Unit(int unit) => $@"\u{unit:x4}";
}
