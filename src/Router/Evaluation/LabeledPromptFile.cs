using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>
/// Reads labelled prompts: JSON lines with <c>text</c> (or <c>messages</c>) and <c>label</c> (or <c>route</c>), or CSV whose
/// first row names the columns <c>text</c> and <c>label</c>.
/// </summary>
public static class LabeledPromptFile
{
    /// <summary>Reads the whole file.</summary>
    /// <param name="file">Ends in <c>.csv</c>, or holds JSON lines.</param>
    /// <exception cref="FormatException">A row cannot be read; the message has the file and the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<LabeledPrompt> Read(string file)
    {
        var text = File.ReadAllText(file);
        return file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ReadCsv(text, file) : ReadJsonLines(text, file);
    }

    private static List<LabeledPrompt> ReadJsonLines(string text, string file)
    {
        var prompts = new List<LabeledPrompt>();
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line.ToString());
                var row = document.RootElement;
                var label = TextOf(row, "label") ?? TextOf(row, "route") ?? throw new FormatException("it has no \"label\"");
                prompts.Add(new LabeledPrompt(PromptOf(row), label, number));
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                throw new FormatException($"{file}:{number}: this row cannot be read: {e.Message}", e);
            }
        }

        return prompts;
    }

    private static string? TextOf(JsonElement row, string name) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Prompt PromptOf(JsonElement row)
    {
        if (TextOf(row, "text") is { } text)
        {
            return Prompt.FromText(text);
        }

        if (!row.TryGetProperty("messages", out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("it has neither \"text\" nor \"messages\"");
        }

        return new Prompt
        {
            Messages = [.. messages.EnumerateArray().Select(static message => new PromptMessage(
                Enum.TryParse<PromptRole>(TextOf(message, "role"), ignoreCase: true, out var role) ? role : PromptRole.Tool,
                TextOf(message, "content") ?? ""))],
        };
    }

    private static List<LabeledPrompt> ReadCsv(string text, string file)
    {
        var rows = ReadCsvRows(text, file);
        var header = rows.Count == 0 ? [] : rows[0].Cells.Select(static cell => cell.Trim().ToLowerInvariant()).ToList();
        var (textColumn, labelColumn) = (header.IndexOf("text"), Math.Max(header.IndexOf("label"), header.IndexOf("route")));
        if (textColumn < 0 || labelColumn < 0)
        {
            throw new FormatException($"{file}:1: the first row must name the columns \"text\" and \"label\"");
        }

        return [.. rows.Skip(1).Where(static row => row.Cells.Length > 1 || row.Cells[0].Length > 0).Select(row => row.Cells.Length > Math.Max(textColumn, labelColumn)
            ? new LabeledPrompt(Prompt.FromText(row.Cells[textColumn]), row.Cells[labelColumn].Trim(), row.Line)
            : throw new FormatException($"{file}:{row.Line}: this row has {row.Cells.Length} columns, the first one has {header.Count}"))];
    }

    // RFC 4180: quoted cells may hold commas, line ends and doubled quotes
    private static List<(ImmutableArray<string> Cells, int Line)> ReadCsvRows(string text, string file)
    {
        var rows = new List<(ImmutableArray<string>, int)>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (line, rowLine, quoted) = (1, 1, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            line += c == '\n' ? 1 : 0;
            if (c == '"')
            {
                if (quoted && i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append(text[i++]);
                }
                else
                {
                    quoted = !quoted;
                }
            }
            else if (quoted || c is not (',' or '\n' or '\r'))
            {
                cell.Append(c);
            }
            else if (c != '\r')
            {
                EndCell();
                if (c == '\n')
                {
                    EndRow();
                }
            }
        }

        if (quoted)
        {
            throw new FormatException($"{file}:{rowLine}: a quotation mark in this row is never closed");
        }

        if (cell.Length > 0 || cells.Count > 0)
        {
            EndCell();
            EndRow();
        }

        return rows;

        void EndCell()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }

        void EndRow()
        {
            rows.Add(([.. cells], rowLine));
            cells.Clear();
            rowLine = line;
        }
    }
}
