using System.Text;
using System.Text.Json;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads the messages of a chat completion.</summary>
internal static class MessageFields
{
    /// <summary>Reads the member "messages".</summary>
    /// <exception cref="RequestFormatException">It is not what it should be.</exception>
    public static IReadOnlyList<ChatMessage> Read(JsonElement root)
    {
        if (!JsonFields.TryGet(root, "messages", out var array))
        {
            throw new RequestFormatException(OpenAIError.Missing("messages"));
        }

        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new RequestFormatException(OpenAIError.WrongType("messages", "an array of messages"));
        }

        var messages = new List<ChatMessage>(array.GetArrayLength());
        var calls = new Dictionary<string, string>(StringComparer.Ordinal); // names by id
        foreach (var message in array.EnumerateArray())
        {
            messages.Add(ReadMessage(message, $"messages[{messages.Count}]", calls));
        }

        return messages.Count > 0
            ? messages
            : throw new RequestFormatException(OpenAIError.Invalid("Invalid 'messages': empty array. Expected an array with at least one message.", "messages", "empty_array"));
    }

    private static ChatMessage ReadMessage(JsonElement message, string place, Dictionary<string, string> calls)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "an object"));
        }

        var role = ReadRole(message, place);
        var content = JsonFields.TryGet(message, "content", out var element) ? ReadContent(element, place + ".content")
            : role == "assistant" ? "" // a turn of tool calls only
            : throw new RequestFormatException(OpenAIError.Missing(place + ".content"));
        return role switch
        {
            "assistant" => new ChatMessage(role, content)
            {
                Reasoning = JsonFields.ReadText(message, "reasoning_content", place + ".") ?? "",
                ToolCalls = ToolFields.ReadCalls(message, place, calls),
            },
            "tool" => ReadResult(message, place, content, calls),
            _ => new ChatMessage(role, content),
        };
    }

    private static string ReadRole(JsonElement message, string place)
    {
        var role = JsonFields.ReadText(message, "role", place + ".") ?? throw new RequestFormatException(OpenAIError.Missing(place + ".role"));
        return role switch
        {
            "system" or "developer" => "system",
            "user" or "assistant" or "tool" => role,
            "function" => "tool",
            _ => throw new RequestFormatException(OpenAIError.WrongValue(place + ".role", "'system', 'developer', 'user', 'assistant' or 'tool'")),
        };
    }

    // The tool is that of the call; clients that send no calls, or no id, may name it.
    private static ChatMessage ReadResult(JsonElement message, string place, string content, Dictionary<string, string> calls)
    {
        var id = JsonFields.ReadText(message, "tool_call_id", place + ".");
        var name = JsonFields.ReadText(message, "name", place + ".");
        if (id is null && name is null)
        {
            throw new RequestFormatException(OpenAIError.Missing(place + ".tool_call_id"));
        }

        if (id is not null && calls.TryGetValue(id, out var called))
        {
            name = called;
        }

        return name is null
            ? throw new RequestFormatException(OpenAIError.WrongValue(place + ".tool_call_id", "the id of a call in an assistant message before it"))
            : new ChatMessage("tool", content) { ToolName = ToolFields.CheckName(name, place + ".name"), ToolCallId = id };
    }

    private static string ReadContent(JsonElement content, string place)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return JsonText.Of(content);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "a string or an array of content parts"));
        }

        var text = new StringBuilder();
        var index = 0;
        foreach (var part in content.EnumerateArray())
        {
            var partPlace = $"{place}[{index++}]";
            if (part.ValueKind != JsonValueKind.Object || !JsonFields.TryGet(part, "type", out var type) || type.ValueKind != JsonValueKind.String)
            {
                throw new RequestFormatException(OpenAIError.WrongType(partPlace, "a content part with a \"type\""));
            }

            if (JsonText.Of(type) != "text")
            {
                throw new RequestFormatException(OpenAIError.WrongValue(partPlace + ".type", "'text': this model reads text only"));
            }

            if (!JsonFields.TryGet(part, "text", out var value) || value.ValueKind != JsonValueKind.String)
            {
                throw new RequestFormatException(OpenAIError.WrongType(partPlace + ".text", "a string"));
            }

            text.Append(JsonText.Of(value));
        }

        return text.ToString();
    }
}
