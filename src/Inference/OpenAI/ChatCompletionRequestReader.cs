using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads the body of POST /v1/chat/completions: strict in the fields it knows, blind to all others.</summary>
internal static class ChatCompletionRequestReader
{
    private const int MaxStops = 4;

    /// <summary>Reads a body.</summary>
    /// <exception cref="RequestFormatException">It is not such a request.</exception>
    public static ChatCompletionRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new RequestFormatException(OpenAIError.InvalidJson("The request body must be a JSON object."));
        }

        if (JsonFields.ReadInteger(root, "n", 1, 128) is > 1)
        {
            throw new RequestFormatException(OpenAIError.WrongValue("n", "1: this server gives one choice per request"));
        }

        return new ChatCompletionRequest
        {
            Model = JsonFields.ReadText(root, "model"),
            Messages = ReadMessages(root),
            MaxTokens = (int?)(JsonFields.ReadInteger(root, "max_completion_tokens", 1, int.MaxValue) ?? JsonFields.ReadInteger(root, "max_tokens", 1, int.MaxValue)),
            Temperature = JsonFields.ReadNumber(root, "temperature", 0, 2),
            TopP = JsonFields.ReadNumber(root, "top_p", 0, 1),
            TopK = (int?)JsonFields.ReadInteger(root, "top_k", -1, int.MaxValue),
            Stop = ReadStop(root),
            Seed = (int?)(JsonFields.ReadInteger(root, "seed", long.MinValue, long.MaxValue) & int.MaxValue),
            Stream = JsonFields.ReadBoolean(root, "stream") ?? false,
            IncludeUsage = ReadIncludeUsage(root),
        };
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            throw new RequestFormatException(OpenAIError.InvalidJson("The request body is not valid UTF-8."));
        }

        try
        {
            return JsonDocument.Parse(body[(body.Span.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0)..]);
        }
        catch (JsonException e)
        {
            throw new RequestFormatException(OpenAIError.InvalidJson($"We could not parse the JSON body of your request: {e.Message}"));
        }
    }

    private static List<ChatMessage> ReadMessages(JsonElement root)
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
        foreach (var message in array.EnumerateArray())
        {
            messages.Add(ReadMessage(message, $"messages[{messages.Count}]"));
        }

        return messages.Count > 0
            ? messages
            : throw new RequestFormatException(OpenAIError.Invalid("Invalid 'messages': empty array. Expected an array with at least one message.", "messages", "empty_array"));
    }

    private static ChatMessage ReadMessage(JsonElement message, string place)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "an object"));
        }

        if (!JsonFields.TryGet(message, "role", out var role))
        {
            throw new RequestFormatException(OpenAIError.Missing(place + ".role"));
        }

        if (role.ValueKind != JsonValueKind.String)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place + ".role", "a string"));
        }

        var name = JsonText.Of(role) switch
        {
            "system" or "developer" => "system",
            "user" => "user",
            "assistant" => "assistant",
            "tool" or "function" => "tool",
            _ => throw new RequestFormatException(OpenAIError.WrongValue(place + ".role", "'system', 'developer', 'user', 'assistant' or 'tool'")),
        };
        if (!JsonFields.TryGet(message, "content", out var content))
        {
            return name == "assistant" // a turn of tool calls only
                ? new ChatMessage(name, "")
                : throw new RequestFormatException(OpenAIError.Missing(place + ".content"));
        }

        return new ChatMessage(name, ReadContent(content, place + ".content"));
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
            if (part.ValueKind != JsonValueKind.Object || !part.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
            {
                throw new RequestFormatException(OpenAIError.WrongType(partPlace, "a content part with a \"type\""));
            }

            if (!type.ValueEquals("text"u8))
            {
                throw new RequestFormatException(OpenAIError.WrongValue(partPlace + ".type", "'text': this model reads text only"));
            }

            if (!part.TryGetProperty("text", out var value) || value.ValueKind != JsonValueKind.String)
            {
                throw new RequestFormatException(OpenAIError.WrongType(partPlace + ".text", "a string"));
            }

            text.Append(JsonText.Of(value));
        }

        return text.ToString();
    }

    private static List<string> ReadStop(JsonElement root)
    {
        if (!JsonFields.TryGet(root, "stop", out var stop))
        {
            return [];
        }

        var items = stop.ValueKind == JsonValueKind.Array ? stop.EnumerateArray().Take(MaxStops + 1).ToArray() : [stop];
        if (items.Length > MaxStops)
        {
            throw new RequestFormatException(OpenAIError.WrongValue("stop", $"at most {MaxStops} strings"));
        }

        if (items.Any(static item => item.ValueKind != JsonValueKind.String))
        {
            throw new RequestFormatException(OpenAIError.WrongType("stop", "a string or an array of strings"));
        }

        return [.. items.Select(JsonText.Of).Where(static text => text.Length > 0)];
    }

    private static bool ReadIncludeUsage(JsonElement root)
    {
        if (!JsonFields.TryGet(root, "stream_options", out var options))
        {
            return false;
        }

        return options.ValueKind == JsonValueKind.Object
            ? JsonFields.ReadBoolean(options, "include_usage", "stream_options.") ?? false
            : throw new RequestFormatException(OpenAIError.WrongType("stream_options", "an object"));
    }
}
