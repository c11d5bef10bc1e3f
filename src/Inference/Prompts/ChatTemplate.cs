using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntimeGenAI;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Prompts;

/// <summary>Turns a conversation into the token ids that the model was trained on, by the folder's own chat template.</summary>
/// <remarks>
/// The template is rendered over place-holders and the contents are put in afterwards, encoded as plain text: whatever a
/// user writes, it is never parsed as template or control tokens. Thread-safe; owns the renderer.
/// </remarks>
internal sealed class ChatTemplate(string template, Tokenizer renderer, BpeTokenizer tokenizer) : IDisposable
{
    private const string ConfigFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";

    // A place-holder is tab, mark, number, mark, tab. The marks are private-use characters that no template contains; a
    // tab that is gone in the rendered text tells that the template trims that side of a content.
    private const char OpeningMark = '\uE000';
    private const char ClosingMark = '\uE001';
    private const char Edge = '\t';

    private readonly Lock _lock = new();
    private bool _isDisposed;

    /// <summary>Reads the template of a model folder.</summary>
    /// <exception cref="ModelFolderException">There is none.</exception>
    public static string Read(string folder) => TryRead(folder) ?? throw (File.Exists(Path.Combine(folder, ConfigFile))
        ? new ModelFolderException(folder, ConfigFile, $"has no \"chat_template\", and there is no {TemplateFile}: only chat models can be served")
        : new ModelFolderException(folder, ConfigFile, $"is missing, as is {TemplateFile}: copy them from the model's repository"));

    /// <summary>Reads the template of a model folder; null when there is none.</summary>
    /// <exception cref="ModelFolderException">What should hold it is broken.</exception>
    public static string? TryRead(string folder)
    {
        var path = Path.Combine(folder, TemplateFile);
        if (File.Exists(path))
        {
            return File.ReadAllText(path);
        }

        path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("chat_template", out var entry)
                ? FindDefault(entry) ?? throw new JsonException("\"chat_template\" is not a text")
                : null;
        }
        catch (JsonException e)
        {
            throw new ModelFolderException(folder, ConfigFile, $"is broken ({e.Message.TrimEnd('.')}): copy it again", e);
        }
    }

    /// <summary>What the template writes before and after the content of a conversation's only message, one of the user.</summary>
    /// <exception cref="ChatTemplateException">The template refuses a user's message.</exception>
    public (string Before, string After) RenderAround()
    {
        var rendered = Render([new ChatMessage("user", "-")]);
        var (start, end) = (rendered.IndexOf(OpeningMark, StringComparison.Ordinal), rendered.IndexOf(ClosingMark, StringComparison.Ordinal));
        return start < 0 || end < start
            ? throw new ChatTemplateException("The model's chat template leaves out what the user says.", null)
            : (TrimEdge(rendered[..start], atEnd: true), TrimEdge(rendered[(end + 1)..], atEnd: false));

        static string TrimEdge(string text, bool atEnd) => atEnd ? (text.EndsWith(Edge) ? text[..^1] : text) : text.StartsWith(Edge) ? text[1..] : text;
    }

    /// <summary>Encodes a conversation, with the opening of the model's turn at its end.</summary>
    /// <exception cref="ChatTemplateException">The template refuses these messages.</exception>
    public int[] Encode(IReadOnlyList<ChatMessage> messages)
    {
        var rendered = Render(messages);
        var tokens = new List<int>(rendered.Length);
        var encoder = new TemplateEncoder(tokenizer, tokens);
        var rest = rendered.AsSpan();
        while (rest.IndexOf(OpeningMark) is >= 0 and var start)
        {
            var end = start + rest[start..].IndexOf(ClosingMark);
            var content = messages[int.Parse(rest[(start + 1)..end], CultureInfo.InvariantCulture)].Content.AsSpan();
            if (start > 0 && rest[start - 1] == Edge)
            {
                start--;
            }
            else
            {
                content = content.TrimStart();
            }

            if (end + 1 < rest.Length && rest[end + 1] == Edge)
            {
                end++;
            }
            else
            {
                content = content.TrimEnd();
            }

            encoder.AppendTemplate(rest[..start]);
            encoder.AppendPlain(content);
            rest = rest[(end + 1)..];
        }

        encoder.AppendTemplate(rest);
        encoder.Complete();
        return [.. tokens];
    }

    /// <summary>Disposes the renderer, after a rendering that is under way.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            renderer.Dispose();
        }
    }

    private static string? FindDefault(JsonElement entry) => entry.ValueKind switch
    {
        JsonValueKind.String => entry.GetString(),
        JsonValueKind.Array => entry.EnumerateArray() // [{"name":"default","template":"..."}]
            .Where(static item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("template", out _))
            .OrderByDescending(static item => item.TryGetProperty("name", out var name) && name.ValueEquals("default"u8))
            .Select(static item => item.GetProperty("template").GetString())
            .FirstOrDefault(),
        _ => null,
    };

    private string Render(IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this); // the native call would not survive it
                return renderer.ApplyChatTemplate(template, WritePlaceholders(messages), null, add_generation_prompt: true);
            }
        }
        catch (OnnxRuntimeGenAIException e)
        {
            throw new ChatTemplateException($"The model's chat template refuses these messages: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    // An empty content stays empty: templates ask for that.
    private static string WritePlaceholders(IReadOnlyList<ChatMessage> messages)
    {
        var json = new StringBuilder("[");
        for (var i = 0; i < messages.Count; i++)
        {
            var content = messages[i].Content.Length == 0
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $"\\t{OpeningMark}{i}{ClosingMark}\\t");
            json.Append(i > 0 ? "," : "").Append("{\"role\":\"").Append(messages[i].Role).Append("\",\"content\":\"").Append(content).Append("\"}");
        }

        return json.Append(']').ToString();
    }
}
