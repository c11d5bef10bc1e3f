using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>Tells a model of tools where its chat template cannot: in a system turn and in the contents of messages, with Gemma 4's control tokens.</summary>
internal static class ToolNotation
{
    public const string CallStart = "<|tool_call>";
    public const string CallEnd = "<tool_call|>";
    public const string ResponseStart = "<|tool_response>";
    public const string Quote = "<|\"|>";

    private const string ResponseEnd = "<tool_response|>";

    /// <summary>The same conversation in messages of plain content, results as the user's; the contents are ready for the template, with place-holders.</summary>
    public static List<(string Role, string Content)> Write(ChatPrompt prompt, PromptTexts texts)
    {
        var written = new List<(string Role, string Content)>(prompt.Messages.Count + 1);
        var system = prompt.Tools.Count > 0 ? Describe(prompt.Tools, texts) : "";
        if (system.Length > 0 && prompt.Messages is not [{ Role: "system" }, ..])
        {
            written.Add(("system", system));
            system = "";
        }

        var previous = "";
        foreach (var message in prompt.Messages)
        {
            var content = message.Role == "tool" ? Respond(message, texts) : texts.Hold(message.Content) + Call(message.ToolCalls, texts);
            if (message.Role == "tool" && previous == "tool") // one turn, as templates want turns to alternate
            {
                written[^1] = ("user", written[^1].Content + content);
            }
            else
            {
                written.Add((message.Role == "tool" ? "user" : message.Role, system.Length == 0 ? content : content.Length == 0 ? system : $"{content}\n\n{system}"));
                system = "";
            }

            previous = message.Role;
        }

        return written;
    }

    private static string Describe(IReadOnlyList<ChatTool> tools, PromptTexts texts)
    {
        var text = new StringBuilder("You can call these tools:");
        foreach (var tool in tools)
        {
            text.Append("\n- ").Append(texts.HoldName(tool.Name)).Append(tool.Description.Length > 0 ? ": " : "").Append(texts.Hold(tool.Description));
            text.Append("\n  Parameters: ").Append(tool.Parameters is { } parameters ? texts.Hold(parameters.GetRawText()) : "none");
        }

        return text.Append("\nTo call one, answer ").Append(CallStart).Append("call:NAME{KEY:VALUE,KEY:VALUE}").Append(CallEnd)
            .Append(" with texts between ").Append(Quote).Append(" and ").Append(Quote).Append(", numbers, true, false, null, [lists] and {objects} as they are.").ToString();
    }

    private static string Call(IReadOnlyList<ChatToolCall> calls, PromptTexts texts)
    {
        var text = new StringBuilder();
        foreach (var call in calls)
        {
            text.Append(CallStart).Append("call:").Append(texts.HoldName(call.Name));
            Append(text, call.Arguments, texts);
            text.Append(CallEnd);
        }

        return text.ToString();
    }

    private static string Respond(ChatMessage message, PromptTexts texts) =>
        $"{ResponseStart}response:{texts.HoldName(message.ToolName ?? "unknown")}{{value:{Quote}{texts.Hold(message.Content)}{Quote}}}{ResponseEnd}";

    private static void Append(StringBuilder text, JsonElement value, PromptTexts texts)
    {
        var separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in value.EnumerateObject())
                {
                    text.Append(separator).Append(texts.HoldName(JsonText.NameOf(member))).Append(':');
                    Append(text, member.Value, texts);
                    separator = ",";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Append(text, item, texts);
                    separator = ",";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append(Quote).Append(texts.Hold(JsonText.Of(value))).Append(Quote);
                break;
            default:
                text.Append(value.GetRawText()); // a number, true, false or null
                break;
        }
    }
}
