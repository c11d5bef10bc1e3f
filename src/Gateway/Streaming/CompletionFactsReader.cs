using System.Text.Json;

namespace RouterGateway.Gateway.Streaming;

/// <summary>Reads facts from a chat completion, a text completion or a chunk of either; builds no objects.</summary>
internal static class CompletionFactsReader
{
    private const int MaxDepth = 256;

    /// <param name="json">One JSON document.</param>
    /// <param name="facts">Receives what is found; what is not mentioned stays as it was.</param>
    /// <returns>False when the document is not a JSON object; facts read until then are kept.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, ref CompletionFacts facts)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("choices"u8))
                {
                    ReadChoices(ref reader, ref facts);
                }
                else if (reader.ValueTextEquals("usage"u8))
                {
                    ReadUsage(ref reader, ref facts);
                }
                else if (reader.ValueTextEquals("error"u8))
                {
                    reader.Read();
                    facts.HasError |= reader.TokenType != JsonTokenType.Null;
                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            return !reader.Read(); // throws on text behind the object
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void ReadChoices(ref Utf8JsonReader reader, ref CompletionFacts facts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("delta"u8) || reader.ValueTextEquals("message"u8))
                {
                    ReadMessage(ref reader, ref facts);
                }
                else if (reader.ValueTextEquals("finish_reason"u8))
                {
                    reader.Read();
                    facts.IsFinished |= reader.TokenType == JsonTokenType.String;
                }
                else if (reader.ValueTextEquals("text"u8)) // POST /v1/completions
                {
                    reader.Read();
                    facts.HasContent |= IsFilled(ref reader);
                    reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }
    }

    /// <summary>A delta with nothing but a role commits nothing; any other filled field may be shown by a client, so it does.</summary>
    private static void ReadMessage(ref Utf8JsonReader reader, ref CompletionFacts facts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRole = reader.ValueTextEquals("role"u8);
            reader.Read();
            facts.HasContent |= !isRole && IsFilled(ref reader);
            reader.Skip();
        }
    }

    private static bool IsFilled(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.ValueSpan.Length > 0,
        JsonTokenType.Null or JsonTokenType.False => false,
        JsonTokenType.StartArray => HasElement(reader),
        _ => true,
    };

    // the reader is a copy: looking ahead moves nothing
    private static bool HasElement(Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    private static void ReadUsage(ref Utf8JsonReader reader, ref CompletionFacts facts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isPrompt = reader.ValueTextEquals("prompt_tokens"u8);
            var isCompletion = reader.ValueTextEquals("completion_tokens"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var tokens) && tokens >= 0)
            {
                facts.PromptTokens = isPrompt ? tokens : facts.PromptTokens;
                facts.CompletionTokens = isCompletion ? tokens : facts.CompletionTokens;
            }

            reader.Skip();
        }
    }
}
