using System.Text.Json;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads the body of POST /v1/chat/completions: strict in the fields it knows, blind to all others.</summary>
internal static class ChatCompletionRequestReader
{
    private const int MaxStops = 4;
    private const int MaxChoices = 8;
    private const int MaxLikeliest = 20;
    private const double MaxPenalty = 2;

    /// <summary>Reads a body.</summary>
    /// <exception cref="RequestFormatException">It is not such a request.</exception>
    public static ChatCompletionRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = RequestBody.ParseObject(body);
        var root = document.RootElement;
        RefuseUnsupported(root);
        var tools = ToolFields.Read(root);
        return new ChatCompletionRequest
        {
            Model = JsonFields.ReadText(root, "model"),
            Prompt = new ChatPrompt(MessageFields.Read(root)) { Tools = tools.Offered, EnableThinking = ReadThinking(root) },
            Format = ReadFormat(root, tools),
            SeveralCalls = tools.SeveralCalls,
            Choices = (int)(JsonFields.ReadInteger(root, "n", 1, MaxChoices) ?? 1),
            MaxTokens = (int?)(JsonFields.ReadInteger(root, "max_completion_tokens", 1, int.MaxValue) ?? JsonFields.ReadInteger(root, "max_tokens", 1, int.MaxValue)),
            Temperature = JsonFields.ReadNumber(root, "temperature", 0, 2),
            TopP = JsonFields.ReadNumber(root, "top_p", 0, 1),
            TopK = (int?)JsonFields.ReadInteger(root, "top_k", -1, int.MaxValue),
            FrequencyPenalty = JsonFields.ReadNumber(root, "frequency_penalty", -MaxPenalty, MaxPenalty),
            PresencePenalty = JsonFields.ReadNumber(root, "presence_penalty", -MaxPenalty, MaxPenalty),
            Stop = ReadStop(root),
            Seed = (int?)(JsonFields.ReadInteger(root, "seed", long.MinValue, long.MaxValue) & int.MaxValue),
            LikeliestTokens = ReadLikeliestTokens(root),
            Stream = JsonFields.ReadBoolean(root, "stream") ?? false,
            IncludeUsage = JsonFields.ReadObject(root, "stream_options") is { } options && (JsonFields.ReadBoolean(options, "include_usage", "stream_options.") ?? false),
        };
    }

    // What would change the answer and is not done: better said than left out.
    private static void RefuseUnsupported(JsonElement root)
    {
        if (JsonFields.ReadObject(root, "logit_bias") is { } bias && bias.GetPropertyCount() > 0)
        {
            throw new RequestFormatException(OpenAIError.Unsupported("logit_bias"));
        }
    }

    private static bool? ReadThinking(JsonElement root)
    {
        bool? wanted = JsonFields.ReadText(root, "reasoning_effort") switch
        {
            null => null,
            "none" => false,
            "minimal" or "low" or "medium" or "high" or "xhigh" => true,
            _ => throw new RequestFormatException(OpenAIError.WrongValue("reasoning_effort", "'none', 'minimal', 'low', 'medium', 'high' or 'xhigh'")),
        };
        return JsonFields.ReadObject(root, "chat_template_kwargs") is { } arguments
            ? JsonFields.ReadBoolean(arguments, "enable_thinking", "chat_template_kwargs.") ?? wanted
            : wanted;
    }

    private static AnswerFormat? ReadFormat(JsonElement root, ToolFields tools)
    {
        var format = JsonFields.ReadObject(root, "response_format") is { } wanted ? ReadFormat(wanted) : null;
        return format is null || tools.Required is null
            ? format ?? tools.Required
            : throw new RequestFormatException(OpenAIError.Invalid(
                "'response_format' cannot be combined with a 'tool_choice' that requires a call: an answer is either JSON or a call.", "response_format", "invalid_value"));
    }

    private static AnswerFormat? ReadFormat(JsonElement wanted)
    {
        switch (JsonFields.ReadText(wanted, "type", "response_format."))
        {
            case "text":
                return null;
            case "json_object":
                return AnswerFormat.JsonObject;
            case "json_schema":
                var description = JsonFields.ReadObject(wanted, "json_schema", "response_format.")
                    ?? throw new RequestFormatException(OpenAIError.Missing("response_format.json_schema"));
                JsonFields.ReadText(description, "name", "response_format.json_schema.");
                JsonFields.ReadBoolean(description, "strict", "response_format.json_schema.");
                return AnswerFormat.JsonSchema(JsonFields.ReadObject(description, "schema", "response_format.json_schema.")?.GetRawText()
                    ?? throw new RequestFormatException(OpenAIError.Missing("response_format.json_schema.schema")));
            case null:
                throw new RequestFormatException(OpenAIError.Missing("response_format.type"));
            default:
                throw new RequestFormatException(OpenAIError.WrongValue("response_format.type", "'text', 'json_object' or 'json_schema'"));
        }
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

    private static int? ReadLikeliestTokens(JsonElement root)
    {
        var isWanted = JsonFields.ReadBoolean(root, "logprobs") ?? false;
        var count = (int?)JsonFields.ReadInteger(root, "top_logprobs", 0, MaxLikeliest);
        return isWanted ? count ?? 0
            : count is null or 0 ? null
            : throw new RequestFormatException(OpenAIError.Invalid("'top_logprobs' asks for 'logprobs' to be true.", "top_logprobs", "invalid_value"));
    }
}
