using System.Text;

namespace RouterGateway.Router.Prompts;

/// <summary>Shortens files and logs that were pasted into a long message, so that what was asked around them is still read.</summary>
internal static class PastedText
{
    /// <summary>Texts up to this length, in characters, are left alone: a model reads them whole, or nearly.</summary>
    public const int LongText = 1_024;

    // Code and logs have two to three characters a token, and of more tokens than a model takes the middle is left out: where the ask may be.
    private const int SampledText = 640;
    private const int ShortestSample = 200;
    private const int FewestLogLines = 16;
    private const int LogLinesKept = 3; // at either end
    private const int MostForeignLines = 8; // between lines that look alike: a stack trace in a log
    private const int ProseLinesKept = 8; // of these: what the person says, or what went wrong
    private const int LongestAttributes = 256; // of a file tag, in characters

    // Blocks in which tools and people wrap the content of files.
    private static readonly string[] _fileTags =
    [
        "file", "files", "file_content", "file_contents", "document", "documents", "document_content", "document_contents", "attachment", "log", "logs",
    ];

    /// <summary>Returns the text with its long files and logs shortened to their two ends. Takes time in proportion to the length.</summary>
    public static string Sample(string text, ref TextNotes notes)
    {
        if (text.Length <= LongText)
        {
            return text;
        }

        var sampled = SampleFiles(text, ref notes);
        return sampled.Length <= LongText ? sampled : SampleLogs(sampled, ref notes);
    }

    private static string SampleFiles(string text, ref TextNotes notes)
    {
        var files = FindFiles(text);
        if (files.Count == 0)
        {
            return text;
        }

        // what is left beside the rest of the text is shared
        var rest = text.Length - files.Sum(static file => file.End - file.Start);
        var longest = Math.Max(ShortestSample, (SampledText - rest) / files.Count);
        var (kept, copied) = (new StringBuilder(), 0);
        foreach (var (start, end, what) in files)
        {
            if (end - start > longest)
            {
                kept.Append(text, copied, start - copied).Append(HeadAndTail.Cut(text[start..end], longest));
                copied = end;
                notes.Add(TextChangeKind.Sampled, what, end - start - longest);
            }
        }

        return kept.Append(text, copied, text.Length - copied).ToString();
    }

    // Contents of fenced blocks and of file tags, in order, none within another.
    private static List<(int Start, int End, string What)> FindFiles(string text)
    {
        var files = new List<(int Start, int End, string What)>();
        var unclosed = new HashSet<string>(StringComparer.Ordinal); // searched to the end once, not once per opening tag
        for (var at = 0; at < text.Length;)
        {
            var found = text.AsSpan(at).IndexOfAny('<', '`', '~');
            if (found < 0)
            {
                break;
            }

            at += found;
            if (OpeningAt(text, at) is not { } opening || unclosed.Contains(opening.Close))
            {
                at++;
                continue;
            }

            var close = text.IndexOf(opening.Close, opening.Start, StringComparison.Ordinal);
            if (close < 0)
            {
                unclosed.Add(opening.Close);
                at++;
                continue;
            }

            files.Add((opening.Start, close, opening.What));
            at = close + opening.Close.Length;
        }

        return files;
    }

    // Where the content starts, what ends it, and what to call it.
    private static (int Start, string Close, string What)? OpeningAt(string text, int at)
    {
        if (text[at] != '<')
        {
            var fence = text[at] == '`' ? "```" : "~~~";
            var line = IsAt(text, at, fence) && (at == 0 || text[at - 1] == '\n') ? text.IndexOf('\n', at) : -1;
            return line < 0 ? null : (line, "\n" + fence, "a fenced block");
        }

        foreach (var tag in _fileTags)
        {
            var end = at + 1 + tag.Length;
            if (end < text.Length && text[end] is '>' or ' ' && IsAt(text, at + 1, tag))
            {
                // a tag that is not closed at once is none: searching on for each of many would take quadratic time
                var attributes = text.AsSpan(end, Math.Min(LongestAttributes, text.Length - end)).IndexOfAny('>', '<', '\n');
                return attributes < 0 || text[end + attributes] != '>' ? null : (end + attributes + 1, $"</{tag}>", $"<{tag}>");
            }
        }

        return null;
    }

    private static bool IsAt(string text, int at, string wanted) => string.CompareOrdinal(text, at, wanted, 0, wanted.Length) == 0;

    private static string SampleLogs(string text, ref TextNotes notes)
    {
        var lines = text.Split('\n');
        if (lines.Length < FewestLogLines)
        {
            return text;
        }

        var shapes = Array.ConvertAll(lines, static line => LineShape.Of(line));
        var kept = new List<string>();
        for (var first = 0; first < lines.Length;)
        {
            var (end, alike) = EndOfLog(shapes, first);
            if (alike < FewestLogLines)
            {
                kept.Add(lines[first++]);
                continue;
            }

            var before = kept.Count;
            kept.AddRange(lines[first..(first + LogLinesKept)]);
            kept.AddRange(Enumerable.Range(first + LogLinesKept, end - first - (2 * LogLinesKept)).Where(i => shapes[i] == LineShape.Prose).Take(ProseLinesKept).Select(i => lines[i]));
            kept.AddRange(lines[(end - LogLinesKept)..end]);
            notes.Add(TextChangeKind.Sampled, $"a log of {end - first} lines", lines[first..end].Sum(static line => line.Length + 1) - kept.Skip(before).Sum(static line => line.Length + 1));
            first = end;
        }

        return string.Join('\n', kept);
    }

    // The end of the lines that look like the first one, and how many these are.
    private static (int End, int Alike) EndOfLog(int[] shapes, int first)
    {
        var (end, alike) = (first, 0);
        for (var i = first; shapes[first] != LineShape.Prose && i < shapes.Length && i - end <= MostForeignLines; i++)
        {
            if (shapes[i] == shapes[first])
            {
                (end, alike) = (i + 1, alike + 1);
            }
        }

        return (end, alike);
    }
}
