using System.Globalization;
using System.Text;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Prompts;

/// <summary>The texts of a conversation, held apart while its template is rendered over place-holders for them.</summary>
/// <remarks>
/// Whatever a user writes, it is never parsed as template or control tokens: it is put in afterwards, encoded as plain text. Equal texts have
/// equal place-holders, so that templates may compare them; an empty text stays empty, because templates ask for that.
/// </remarks>
internal sealed class PromptTexts
{
    // A place-holder is a mark, for names what they are sorted by and a space, a number, a tab and another mark; around that of a text stand
    // tabs besides. The marks are private-use characters that no template contains. A tab at an end that is gone in the rendered text tells that
    // the template trims that side of the text; an inner tab that has become \t, that it writes JSON.
    private const char OpeningMark = '\uE000';
    private const char ClosingMark = '\uE001';
    private const string Edge = "\t";
    private const string EdgeInJson = "\\t";

    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>The place-holder of a text.</summary>
    public string Hold(string text) =>
        text.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{Edge}{OpeningMark}{NumberOf(text)}{Edge}{ClosingMark}{Edge}");

    /// <summary>The place-holder of a name: templates sort names, and this is sorted like the name, upper and lower case alike as Jinja does it.</summary>
    public string HoldName(string name)
    {
        var sortedBy = name.Any(static c => c is OpeningMark or ClosingMark || char.IsControl(c)) ? "" : name.ToLowerInvariant();
        return name.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{OpeningMark}{sortedBy} {NumberOf(name):D7}{Edge}{ClosingMark}");
    }

    /// <summary>What a rendered text has before and after its only place-holder; <see langword="null"/> when it has none.</summary>
    public static (string Before, string After)? Split(string rendered)
    {
        var (start, end) = (rendered.IndexOf(OpeningMark, StringComparison.Ordinal), rendered.IndexOf(ClosingMark, StringComparison.Ordinal));
        return start < 0 || end < start ? null : (CutEdge(rendered[..start], atEnd: true), CutEdge(rendered[(end + 1)..], atEnd: false));

        static string CutEdge(string text, bool atEnd) => atEnd ? (text.EndsWith(Edge, StringComparison.Ordinal) ? text[..^1] : text) : text.StartsWith(Edge, StringComparison.Ordinal) ? text[1..] : text;
    }

    /// <summary>Encodes a rendered text with the texts in their places.</summary>
    /// <exception cref="ChatTemplateException">The template has cut a place-holder.</exception>
    public void Encode(string rendered, TemplateEncoder encoder)
    {
        var rest = rendered.AsSpan();
        while (rest.IndexOf(OpeningMark) is >= 0 and var start)
        {
            var length = rest[start..].IndexOf(ClosingMark);
            if (length < 0 || !TryFind(rest.Slice(start + 1, length - 1), out var text, out var isName, out var isJson))
            {
                throw new ChatTemplateException("The model's chat template cuts the texts of these messages.", null);
            }

            var (end, edge) = (start + length + 1, isJson ? EdgeInJson : Edge);
            var content = text.AsSpan();
            if (isName || rest[..start].EndsWith(edge, StringComparison.Ordinal))
            {
                start -= isName ? 0 : edge.Length;
            }
            else
            {
                content = content.TrimStart();
            }

            if (isName || rest[end..].StartsWith(edge, StringComparison.Ordinal))
            {
                end += isName ? 0 : edge.Length;
            }
            else
            {
                content = content.TrimEnd();
            }

            encoder.AppendTemplate(rest[..start]);
            encoder.AppendPlain(isJson ? Escape(content) : content);
            rest = rest[end..];
        }

        encoder.AppendTemplate(rest);
        encoder.Complete();
    }

    private int NumberOf(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            number = _texts.Count;
            _texts.Add(text);
            _numbers.Add(text, number);
        }

        return number;
    }

    // What stands between two marks: [sorted by and a space] number tab
    private bool TryFind(ReadOnlySpan<char> holder, out string text, out bool isName, out bool isJson)
    {
        isJson = holder.EndsWith(EdgeInJson, StringComparison.Ordinal);
        var space = holder.LastIndexOf(' ');
        isName = space >= 0;
        text = "";
        if (!(isJson || holder.EndsWith(Edge, StringComparison.Ordinal))
            || !int.TryParse(holder[(space + 1)..^(isJson ? EdgeInJson : Edge).Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || number >= _texts.Count)
        {
            return false;
        }

        text = _texts[number];
        return true;
    }

    // As templates' tojson does it: no more than JSON asks for.
    private static string Escape(ReadOnlySpan<char> text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }
}
