using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>
/// Reads labelled prompts: JSON lines with <c>text</c> (or <c>messages</c>) and <c>label</c> (or <c>route</c>), or CSV (RFC 4180) whose
/// first row names these columns, in any order and casing.
/// </summary>
public static class LabeledPromptFile
{
    /// <summary>Reads the whole file.</summary>
    /// <param name="file">Ends in <c>.csv</c>, or holds JSON lines.</param>
    /// <param name="groupField">The field that becomes <see cref="LabeledPrompt.Group"/>; null: none.</param>
    /// <exception cref="FormatException">A row cannot be read, or no row has the field; the message has the file and the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<LabeledPrompt> Read(string file, string? groupField = null) =>
        file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? ReadCsv(file, groupField) : ReadJsonLines(file, groupField);

    private static List<LabeledPrompt> ReadJsonLines(string file, string? groupField)
    {
        var prompts = new List<LabeledPrompt>();
        var (number, hasGroup) = (0, groupField is null);
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                using var document = JsonDocument.Parse(line);
                var row = document.RootElement;
                var label = TextOf(row, "label") ?? TextOf(row, "route") ?? throw new FormatException("it has no \"label\"");
                var prompt = new LabeledPrompt(PromptOf(row), label, number);
                if (groupField is not null && row.TryGetProperty(groupField, out var group))
                {
                    hasGroup = true;
                    prompt = prompt with { Group = GroupOf(group) };
                }

                prompts.Add(prompt);
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                throw new FormatException($"{file}:{number}: this row cannot be read: {e.Message}", e);
            }
        }

        return hasGroup || prompts.Count == 0 ? prompts : throw new FormatException($"{file}: no row has a field \"{groupField}\"");
    }

    private static string GroupOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };

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
                TextOf(message, "content") ?? string.Join('\n', PartsOf(message).Select(static part => TextOf(part, "text")).OfType<string>())))],
            HasImages = messages.EnumerateArray().SelectMany(PartsOf).Any(static part => TextOf(part, "type") is "image_url" or "input_image" or "image"),
            HasTools = row.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array && tools.GetArrayLength() > 0,
        };
    }

    private static IEnumerable<JsonElement> PartsOf(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : [];

    private static List<LabeledPrompt> ReadCsv(string file, string? groupField)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            PrepareHeaderForMatch = static header => header.Header.Trim().ToLowerInvariant(),
            MissingFieldFound = null, // told below, with the line
            IgnoreBlankLines = false, // they are skipped below, where they are counted
        };
        using var csv = new CsvReader(new StreamReader(file), configuration);
        var end = 0; // line of the file at which the row before ended
        try
        {
            var hasHeader = csv.Read() && csv.ReadHeader();
            var header = hasHeader ? csv.HeaderRecord!.Select(static name => name.Trim().ToLowerInvariant()).ToList() : [];
            var (text, label) = (header.IndexOf("text"), header.IndexOf(header.Contains("label") ? "label" : "route"));
            var group = groupField is null ? -1 : header.IndexOf(groupField.ToLowerInvariant());
            if (text < 0 || label < 0)
            {
                throw new FormatException($"{file}:1: the first row must name the columns \"text\" and \"label\"");
            }

            if (groupField is not null && group < 0)
            {
                throw new FormatException($"{file}:1: the first row names no column \"{groupField}\"");
            }

            var prompts = new List<LabeledPrompt>();
            for (end = csv.Parser.RawRow; csv.Read(); end = csv.Parser.RawRow)
            {
                var line = end + 1;
                if (csv.Parser.Count == 1 && csv.Parser[0].Length == 0)
                {
                    continue; // a blank line
                }

                if (csv.Parser.Count <= Math.Max(text, label))
                {
                    throw new FormatException($"{file}:{line}: this row has {csv.Parser.Count} columns, the first one has {header.Count}");
                }

                prompts.Add(new LabeledPrompt(Prompt.FromText(csv[text]!), csv[label]!.Trim(), line) { Group = group >= 0 ? csv[group] ?? "" : "" });
            }

            return prompts;
        }
        catch (BadDataException e) // a quotation mark that is never closed, or text behind a closed one
        {
            throw new FormatException($"{file}:{end + 1}: this row cannot be read: a quotation mark is out of place", e);
        }
    }
}
