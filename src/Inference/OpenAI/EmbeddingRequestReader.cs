using System.Text.Json;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads the body of POST /v1/embeddings: strict in the fields it knows, blind to all others.</summary>
internal static class EmbeddingRequestReader
{
    private const int MaxInputs = 2048; // OpenAI's

    /// <summary>Reads a body.</summary>
    /// <exception cref="RequestFormatException">It is not such a request.</exception>
    public static EmbeddingRequest Read(ReadOnlyMemory<byte> body)
    {
        using var document = RequestBody.ParseObject(body);
        var root = document.RootElement;
        return new EmbeddingRequest(
            JsonFields.ReadText(root, "model"),
            ReadInputs(root),
            JsonFields.ReadText(root, "encoding_format") switch
            {
                null or "float" => false,
                "base64" => true,
                _ => throw new RequestFormatException(OpenAIError.WrongValue("encoding_format", "'float' or 'base64'")),
            },
            (int?)JsonFields.ReadInteger(root, "dimensions", 1, int.MaxValue));
    }

    private static List<EmbeddingInput> ReadInputs(JsonElement root)
    {
        if (!JsonFields.TryGet(root, "input", out var input))
        {
            throw new RequestFormatException(OpenAIError.Missing("input"));
        }

        // An array is one input when it starts with a number, else one of several.
        if (input.ValueKind != JsonValueKind.Array || (input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number))
        {
            return [ReadInput(input, "input", input.ValueKind)];
        }

        var count = input.GetArrayLength();
        if (count is 0 or > MaxInputs)
        {
            throw new RequestFormatException(count == 0
                ? OpenAIError.EmptyArray("input")
                : OpenAIError.Invalid($"Invalid 'input': {count} inputs. Expected at most {MaxInputs} in one request.", "input", "array_above_max_length"));
        }

        var inputs = new List<EmbeddingInput>(count);
        foreach (var item in input.EnumerateArray())
        {
            inputs.Add(ReadInput(item, $"input[{inputs.Count}]", input[0].ValueKind));
        }

        return inputs;
    }

    // All inputs of a request are of the first one's kind.
    private static EmbeddingInput ReadInput(JsonElement input, string place, JsonValueKind kind) => (input.ValueKind, kind) switch
    {
        (JsonValueKind.String, JsonValueKind.String) => JsonText.Of(input) is { Length: > 0 } text
            ? new EmbeddingInput(place, text, null)
            : throw new RequestFormatException(OpenAIError.Invalid($"Invalid '{place}': empty string. Expected a text of at least one character.", place, "empty_string")),
        (JsonValueKind.Array, JsonValueKind.Array) => input.GetArrayLength() > 0
            ? new EmbeddingInput(place, null, JsonFields.ReadTokens(input, place))
            : throw new RequestFormatException(OpenAIError.EmptyArray(place)),
        _ => throw new RequestFormatException(OpenAIError.WrongType(place, "a string, an array of strings, an array of token ids, or an array of arrays of token ids")),
    };
}
