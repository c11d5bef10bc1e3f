using System.Text.Json;
using Microsoft.ML.OnnxRuntimeGenAI;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Prompts;

/// <summary>Turns a conversation into the token ids that the model was trained on, by the folder's own chat template.</summary>
/// <remarks>
/// The template is rendered over place-holders and the texts are put in afterwards, see <see cref="PromptTexts"/>. A template that knows nothing
/// of tools gets them described in a system turn, and calls and results in contents, see <see cref="ToolNotation"/>. Thread-safe; owns the renderer.
/// </remarks>
internal sealed class ChatTemplate(string template, Tokenizer renderer, BpeTokenizer tokenizer) : IDisposable
{
    private const string ConfigFile = "tokenizer_config.json";
    private const string TemplateFile = "chat_template.jinja";

    private static readonly ChatTool _probe = new(
        "probe", "A tool.", JsonElement.Parse("""{"type":"object","properties":{"name":{"type":"string","description":"A text."}},"required":["name"]}"""));

    private readonly string _prepared = TemplateText.Prepare(template);
    private readonly bool _tellsTime = template.Contains("strftime", StringComparison.Ordinal);
    private readonly RenderedTemplates _rendered = new();
    private readonly Lock _lock = new();
    private volatile object? _knowsTools; // bool, found out by the first who asks
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
    public (string Before, string After) RenderAround() =>
        PromptTexts.Split(Render(new ChatPrompt([new ChatMessage("user", "-")]), new PromptTexts()))
            ?? throw new ChatTemplateException("The model's chat template leaves out what the user says.", null);

    /// <summary>Encodes a conversation, with the opening of the model's turn at its end.</summary>
    /// <exception cref="ChatTemplateException">The template refuses these messages.</exception>
    public int[] Encode(IReadOnlyList<ChatMessage> messages) => Encode(new ChatPrompt(messages));

    /// <summary>Encodes a conversation and the tools that are offered in it, with the opening of the model's turn at its end.</summary>
    /// <exception cref="ChatTemplateException">The template refuses these messages.</exception>
    public int[] Encode(ChatPrompt prompt)
    {
        var texts = new PromptTexts();
        var hasTools = prompt.Tools.Count > 0 || prompt.Messages.Any(static message => message.ToolCalls.Count > 0 || message.Role == "tool");
        var rendered = hasTools && !KnowsTools() ? RenderNotation(prompt, texts) : Render(prompt, texts);
        var tokens = new List<int>(rendered.Length);
        texts.Encode(rendered, new TemplateEncoder(tokenizer, tokens));
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

    // A template that tells the model of tools has their names in what it writes.
    private bool KnowsTools()
    {
        if (_knowsTools is not bool knows)
        {
            try
            {
                var rendered = Render(new ChatPrompt([new ChatMessage("user", "")]) { Tools = [_probe] }, new PromptTexts());
                knows = PromptTexts.Split(rendered) is not null;
            }
            catch (ChatTemplateException)
            {
                knows = false;
            }

            _knowsTools = knows;
        }

        return knows;
    }

    private string Render(ChatPrompt prompt, PromptTexts texts) => Render(
        TemplateText.WriteHead(prompt.Tools.Count > 0, prompt.EnableThinking),
        new PromptJson(texts).Write(prompt.Messages, prompt.Tools, TemplateText.ToolsMember));

    private string RenderNotation(ChatPrompt prompt, PromptTexts texts) => Render(
        TemplateText.WriteHead(hasTools: false, prompt.EnableThinking), PromptJson.Write(ToolNotation.Write(prompt, texts)));

    private string Render(string head, string messages) => _tellsTime ? RenderAnew(head, messages) : _rendered.GetOrRender(head, messages, RenderAnew);

    private string RenderAnew(string head, string messages)
    {
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this); // the native call would not survive it
                return renderer.ApplyChatTemplate(head + _prepared, messages, null, add_generation_prompt: true);
            }
        }
        catch (OnnxRuntimeGenAIException e)
        {
            throw new ChatTemplateException($"The model's chat template refuses these messages: {FirstLine(e.Message)}", e);
        }
    }

    // What follows is the place in the template, and the template.
    private static string FirstLine(string message)
    {
        var line = message.AsSpan()[..(message.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : message.Length)];
        return (line.IndexOf(" at row ") is >= 0 and var place ? line[..place] : line).Trim().ToString();
    }
}
