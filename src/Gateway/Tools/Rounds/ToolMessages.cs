using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.Rounds;

/// <summary>Writes what happened in a round as the messages that the model sees in the next.</summary>
internal static class ToolMessages
{
    private const int MostQuoted = 1000;

    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The model's own message and the results of its calls, separated by commas.</summary>
    /// <param name="answer">The round.</param>
    /// <param name="results">Call and result, for the calls that were run.</param>
    public static byte[] Write(RoundAnswer answer, IReadOnlyList<(RequestedCall Call, ToolResult Result)> results)
    {
        using var bytes = new MemoryStream();
        WriteObject(bytes, json => WriteAssistant(json, answer, results));
        foreach (var (call, result) in results)
        {
            bytes.WriteByte((byte)',');
            WriteObject(bytes, json =>
            {
                json.WriteString("role"u8, "tool"u8);
                json.WriteString("tool_call_id"u8, WellFormed(call.Id));
                json.WriteString("content"u8, result.IsError ? ErrorText(TextOf(result) + Quote(call.Arguments)) : WellFormed(TextOf(result)));
            });
        }

        return bytes.ToArray();
    }

    private static void WriteAssistant(Utf8JsonWriter json, RoundAnswer answer, IReadOnlyList<(RequestedCall Call, ToolResult Result)> results)
    {
        json.WriteString("role"u8, "assistant"u8);
        if (answer.Content.Length > 0)
        {
            json.WriteString("content"u8, WellFormed(answer.Content));
        }
        else
        {
            json.WriteNull("content"u8);
        }

        if (answer.Reasoning.Length > 0)
        {
            json.WriteString("reasoning_content"u8, WellFormed(answer.Reasoning));
        }

        json.WriteStartArray("tool_calls"u8);
        foreach (var (call, _) in results)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, WellFormed(call.Id));
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, WellFormed(call.Name));
            json.WriteString("arguments"u8, IsObject(call.Arguments) ? WellFormed(call.Arguments) : "{}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // of arguments that do not stand in the call
    private static string Quote(string arguments) =>
        string.IsNullOrWhiteSpace(arguments) || IsObject(arguments) ? "" : $" What was written: {arguments[..Math.Min(arguments.Length, MostQuoted)]}";

    // templates of backends parse the arguments of earlier calls, and refuse the request when they cannot
    private static bool IsObject(string arguments)
    {
        try
        {
            return JsonElement.Parse(arguments, new JsonDocumentOptions { MaxDepth = Protocols.ChatRequestReader.MaxDepth }).ValueKind == JsonValueKind.Object;
        }
        catch (Exception e) when (e is JsonException or ArgumentException) // the latter: half a surrogate pair
        {
            return false;
        }
    }

    // a tool message holds text alone: what else there is, is at least said
    private static string TextOf(ToolResult result) => result switch
    {
        { Text.Length: > 0 } => result.Text,
        { Blocks: { Count: > 0 } blocks } => $"The tool returned {string.Join(", ", blocks.Select(static block => block.Type).Distinct())}, which cannot be shown here.",
        _ => "The tool returned nothing.",
    };

    // OpenAI's tool messages have no field for failures; this is what models know from elsewhere
    private static string ErrorText(string message)
    {
        using var bytes = new MemoryStream();
        WriteObject(bytes, json =>
        {
            json.WriteBoolean("is_error"u8, true);
            json.WriteString("error"u8, WellFormed(message));
        });
        return System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteObject(MemoryStream bytes, Action<Utf8JsonWriter> members)
    {
        using var json = new Utf8JsonWriter(bytes, _relaxed);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    }

    // a tool or a model may write half a surrogate pair, which the writer refuses
    private static string WellFormed(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? string.Concat(text.EnumerateRunes()) : text;
}
