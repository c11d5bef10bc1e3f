using System.Text.Json;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads typed fields of a JSON object, telling the client which field is wrong; null counts as absent.</summary>
internal static class JsonFields
{
    /// <summary>Finds a field that is there and not null.</summary>
    public static bool TryGet(JsonElement element, string name, out JsonElement value) =>
        JsonText.TryGet(element, name, out value) && value.ValueKind != JsonValueKind.Null;

    public static string? ReadText(JsonElement element, string name, string? prefix = null) =>
        !TryGet(element, name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? JsonText.Of(value)
        : throw new RequestFormatException(OpenAIError.WrongType(prefix + name, "a string"));

    public static JsonElement? ReadObject(JsonElement element, string name, string? prefix = null) =>
        !TryGet(element, name, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? value
        : throw new RequestFormatException(OpenAIError.WrongType(prefix + name, "an object"));

    public static bool? ReadBoolean(JsonElement element, string name, string? prefix = null) =>
        !TryGet(element, name, out var value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw new RequestFormatException(OpenAIError.WrongType(prefix + name, "a boolean"));

    public static long? ReadInteger(JsonElement element, string name, long minimum, long maximum)
    {
        if (!TryGet(element, name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
        {
            throw new RequestFormatException(OpenAIError.WrongType(name, "an integer"));
        }

        return number >= minimum && number <= maximum
            ? number
            : throw new RequestFormatException(OpenAIError.WrongValue(name, $"an integer from {minimum} to {maximum}"));
    }

    public static double? ReadNumber(JsonElement element, string name, double minimum, double maximum)
    {
        if (!TryGet(element, name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number))
        {
            throw new RequestFormatException(OpenAIError.WrongType(name, "a number"));
        }

        return number >= minimum && number <= maximum
            ? number
            : throw new RequestFormatException(OpenAIError.WrongValue(name, $"a number from {minimum} to {maximum}"));
    }

    /// <summary>Reads an array of token ids; whether the model has them is not looked at.</summary>
    public static int[] ReadTokens(JsonElement array, string place)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw new RequestFormatException(OpenAIError.WrongType(place, "an array of token ids"));
        }

        var tokens = new int[array.GetArrayLength()];
        var count = 0;
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out tokens[count]))
            {
                throw new RequestFormatException(OpenAIError.WrongType($"{place}[{count}]", "a token id"));
            }

            count++;
        }

        return tokens;
    }
}
