using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>Reads the strings of JSON that clients send, whatever is in them.</summary>
internal static class JsonText
{
    /// <summary>The text of a string, with U+FFFD for each half of a surrogate pair that stands alone.</summary>
    // JavaScript clients that cut a text inside an emoji send such halves as escapes, and JsonElement refuses them.
    public static string Of(JsonElement value)
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

    /// <summary>Finds a member; of several with one name, the last.</summary>
    public static bool TryGet(JsonElement element, string name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException) // of another member's name
        {
            value = element.EnumerateObject().LastOrDefault(member => NameOf(member) == name).Value;
            return value.ValueKind != JsonValueKind.Undefined;
        }
    }

    /// <summary>The name of a member, read likewise.</summary>
    public static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            var raw = member.ToString(); // "name":value
            var end = 1;
            while (raw[end] != '"')
            {
                end += raw[end] == '\\' ? 2 : 1;
            }

            return Unescape(raw[..(end + 1)]);
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
