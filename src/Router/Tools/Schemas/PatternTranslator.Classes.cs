using System.Text;

namespace RouterGateway.Router.Tools.Schemas;

internal sealed partial class PatternTranslator
{
    private void TranslateClass()
    {
        _at++;
        var isNegated = _at < pattern.Length && pattern[_at] == '^';
        _at += isNegated ? 1 : 0;
        var members = new StringBuilder();
        var pairs = new List<string>();
        while (_fault is null && _at < pattern.Length && pattern[_at] != ']')
        {
            ReadMember(members, pairs);
        }

        if (_at++ >= pattern.Length)
        {
            _fault ??= "has a set of characters that is not closed; add \"]\"";
        }

        AppendAtom(isNegated ? NegatedClass(members, pairs) : Class(members, pairs));
    }

    private static string Class(StringBuilder members, List<string> pairs) =>
        members.Length == 0 && pairs.Count == 0 ? @"[^\u0000-\uffff]" // nothing
        : pairs.Count == 0 ? $"[{members}]"
        : $"(?:{(members.Length == 0 ? "" : $"[{members}]|")}{string.Join('|', pairs)})";

    private static string NegatedClass(StringBuilder members, List<string> pairs) =>
        $@"(?:[^{members}\ud800-\udfff]|{(pairs.Count == 0 ? "" : $"(?!{string.Join('|', pairs)})")}{Pair})";

    private void ReadMember(StringBuilder members, List<string> pairs)
    {
        if (ReadSetOrCharacter(out var first) is { } set)
        {
            members.Append(set.Members);
            if (set.IsNegated)
            {
                pairs.Add(Pair);
            }

            return;
        }

        var last = first;
        if (_at + 1 < pattern.Length && pattern[_at] == '-' && pattern[_at + 1] != ']')
        {
            var dash = _at++;
            if (ReadSetOrCharacter(out last) is not null) // [a-\d]: three members
            {
                (_at, last) = (dash, first);
                Add('-', '-', members, pairs);
                _at++;
            }
        }

        if (last < first)
        {
            _fault ??= "has a range of characters whose end is before its start; swap the two";
            return;
        }

        Add(first, last, members, pairs);
    }

    private (string Members, bool IsNegated)? ReadSetOrCharacter(out int codePoint)
    {
        if (pattern[_at] == '\\')
        {
            return ReadEscape(out codePoint);
        }

        codePoint = ReadRune();
        return null;
    }

    // Characters beyond the basic plane are pairs of surrogates, and so a range of them is up to three ranges of pairs.
    private static void Add(int first, int last, StringBuilder members, List<string> pairs)
    {
        if (first <= char.MaxValue)
        {
            members.Append(Unit(first)).Append('-').Append(Unit(Math.Min(last, char.MaxValue)));
            first = char.MaxValue + 1;
        }

        while (first <= last)
        {
            var high = char.ConvertFromUtf32(first)[0];
            var end = Math.Min(last, char.ConvertToUtf32(high, '\udfff'));
            if (char.ConvertFromUtf32(first)[1] == '\udc00' && char.ConvertFromUtf32(last)[0] > high)
            {
                var lastHigh = (char)(char.ConvertFromUtf32(last)[0] - 1); // all pairs of several high ones
                end = char.ConvertToUtf32(lastHigh, '\udfff');
                pairs.Add($@"[{Unit(high)}-{Unit(lastHigh)}][\udc00-\udfff]");
            }
            else
            {
                pairs.Add($"{Unit(high)}[{Unit(char.ConvertFromUtf32(first)[1])}-{Unit(char.ConvertFromUtf32(end)[1])}]");
            }

            first = end + 1;
        }
    }
}
