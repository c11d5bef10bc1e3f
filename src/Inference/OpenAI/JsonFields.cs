using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.OpenAI;

/// <summary>Reads typed fields of a JSON object, telling the client which field is wrong; null counts as absent.</summary>
internal static class JsonFields
{
    /// <summary>Finds a field that is there and not null.</summary>
    public static bool TryGet(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    public static string? ReadText(JsonElement element, string name) =>
        !TryGet(element, name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? Text(value)
        : throw new RequestFormatException(OpenAIError.WrongType(name, "a string"));

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

    /// <summary>The text of a string, with U+FFFD for each half of a surrogate pair that stands alone.</summary>
    // JavaScript clients that cut a text inside an emoji send such halves as escapes, and JsonElement refuses them.
    public static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(value.GetRawText());
        }
    }

    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 1; i < raw.Length - 1; i++) // without the quotation marks
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)Convert.ToUInt16(raw.Substring(i + 1, 4), 16));
                i += 4;
            }
            else
            {
                text.Append(raw[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', var c => c });
            }
        }

        var runes = new StringBuilder(text.Length);
        foreach (var rune in text.ToString().EnumerateRunes())
        {
            runes.Append(rune.ToString());
        }

        return runes.ToString();
    }
}
