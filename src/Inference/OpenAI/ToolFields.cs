using System.Text.Json;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>What a chat completion says of tools.</summary>
/// <param name="Offered">The tools that the model is told of.</param>
/// <param name="Required">The calls that the answer must be; <see langword="null"/> when it may be anything.</param>
/// <param name="SeveralCalls">Whether an answer may have more than one call.</param>
internal sealed record ToolFields(IReadOnlyList<ChatTool> Offered, AnswerFormat? Required, bool SeveralCalls)
{
    private const int MaxTools = 128; // OpenAI's limit

    /// <summary>Reads the members "tools", "tool_choice" and "parallel_tool_calls".</summary>
    /// <exception cref="RequestFormatException">One is not what it should be.</exception>
    public static ToolFields Read(JsonElement root)
    {
        var tools = ReadTools(root);
        var several = JsonFields.ReadBoolean(root, "parallel_tool_calls") ?? true;
        if (!JsonFields.TryGet(root, "tool_choice", out var choice))
        {
            return new ToolFields(tools, null, several);
        }

        if (choice.ValueKind == JsonValueKind.Object)
        {
            var named = ReadNamed(choice, tools);
            return new ToolFields(tools, AnswerFormat.ToolCalls([named], several), several);
        }

        return choice.ValueKind != JsonValueKind.String
            ? throw new RequestFormatException(OpenAIError.WrongType("tool_choice", "a string or an object"))
            : JsonText.Of(choice) switch
            {
                "auto" => new ToolFields(tools, null, several),
                "none" => new ToolFields([], null, several),
                "required" when tools.Count > 0 => new ToolFields(tools, AnswerFormat.ToolCalls(tools, several), several),
                "required" => throw new RequestFormatException(OpenAIError.Invalid("'tool_choice' requires a call, but there are no 'tools'.", "tool_choice", "invalid_value")),
                _ => throw new RequestFormatException(OpenAIError.WrongValue("tool_choice", "'auto', 'none', 'required' or {\"type\":\"function\",\"function\":{\"name\":...}}")),
            };
    }

    /// <summary>Reads the member "tool_calls" of a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="place">Its path.</param>
    /// <param name="names">Receives the names of the tools by the ids of the calls.</param>
    /// <exception cref="RequestFormatException">It is not what it should be.</exception>
    public static IReadOnlyList<ChatToolCall> ReadCalls(JsonElement message, string place, Dictionary<string, string> names)
    {
        if (!JsonFields.TryGet(message, "tool_calls", out var array))
        {
            return [];
        }

        place += ".tool_calls";
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "an array of calls"));
        }

        var calls = new List<ChatToolCall>(array.GetArrayLength());
        foreach (var element in array.EnumerateArray())
        {
            var call = ReadCall(element, $"{place}[{calls.Count}]");
            calls.Add(call);
            names[call.Id] = call.Name;
        }

        return calls;
    }

    /// <summary>Returns a name that a tool can have.</summary>
    /// <exception cref="RequestFormatException">It is none.</exception>
    public static string CheckName(string name, string place) =>
        ToolNames.IsGood(name) ? name : throw new RequestFormatException(OpenAIError.WrongValue(place, ToolNames.Rule));

    private static List<ChatTool> ReadTools(JsonElement root)
    {
        if (!JsonFields.TryGet(root, "tools", out var array))
        {
            return [];
        }

        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new RequestFormatException(OpenAIError.WrongType("tools", "an array of tools"));
        }

        if (array.GetArrayLength() > MaxTools)
        {
            throw new RequestFormatException(OpenAIError.WrongValue("tools", $"at most {MaxTools} tools"));
        }

        var tools = new List<ChatTool>(array.GetArrayLength());
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in array.EnumerateArray())
        {
            var place = $"tools[{tools.Count}]";
            var tool = ReadTool(element, place);
            tools.Add(names.Add(tool.Name) ? tool : throw new RequestFormatException(OpenAIError.WrongValue(place + ".function.name", "a name that no other tool has")));
        }

        return tools;
    }

    private static ChatTool ReadTool(JsonElement tool, string place)
    {
        var function = ReadFunction(tool, place);
        place += ".function.";
        return new ChatTool(
            CheckName(JsonFields.ReadText(function, "name", place) ?? throw new RequestFormatException(OpenAIError.Missing(place + "name")), place + "name"),
            JsonFields.ReadText(function, "description", place) ?? "",
            JsonFields.ReadObject(function, "parameters", place)?.Clone());
    }

    // {"type":"function","function":{...}}
    private static JsonElement ReadFunction(JsonElement element, string place)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "an object"));
        }

        if (JsonFields.ReadText(element, "type", place + ".") is not (null or "function"))
        {
            throw new RequestFormatException(OpenAIError.WrongValue(place + ".type", "'function'"));
        }

        return JsonFields.ReadObject(element, "function", place + ".") ?? throw new RequestFormatException(OpenAIError.Missing(place + ".function"));
    }

    private static ChatTool ReadNamed(JsonElement choice, List<ChatTool> tools)
    {
        var name = JsonFields.ReadText(ReadFunction(choice, "tool_choice"), "name", "tool_choice.function.")
            ?? throw new RequestFormatException(OpenAIError.Missing("tool_choice.function.name"));
        return tools.Find(tool => tool.Name == name)
            ?? throw new RequestFormatException(OpenAIError.WrongValue("tool_choice.function.name", "the name of one of 'tools'"));
    }

    private static ChatToolCall ReadCall(JsonElement call, string place)
    {
        var function = ReadFunction(call, place);
        var name = JsonFields.ReadText(function, "name", place + ".function.") ?? throw new RequestFormatException(OpenAIError.Missing(place + ".function.name"));
        return new ChatToolCall(
            JsonFields.ReadText(call, "id", place + ".") ?? "",
            CheckName(name, place + ".function.name"),
            ReadArguments(function, place + ".function.arguments"));
    }

    // As text, as OpenAI has it, or as the object itself; no text at all is what some clients make of no arguments.
    private static JsonElement ReadArguments(JsonElement function, string place)
    {
        if (!JsonFields.TryGet(function, "arguments", out var arguments))
        {
            throw new RequestFormatException(OpenAIError.Missing(place));
        }

        try
        {
            if (arguments.ValueKind == JsonValueKind.String)
            {
                var text = JsonText.Of(arguments);
                arguments = JsonElement.Parse(text.AsSpan().IsWhiteSpace() ? "{}" : text);
            }

            return arguments.ValueKind == JsonValueKind.Object
                ? arguments.Clone()
                : throw new RequestFormatException(OpenAIError.WrongType(place, "a JSON object, or the text of one"));
        }
        catch (JsonException e)
        {
            throw new RequestFormatException(OpenAIError.Invalid($"Invalid value for '{place}': it is not valid JSON ({e.Message.TrimEnd('.')}).", place, "invalid_value"));
        }
    }
}
