using System.Text;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Arguments as texts.</summary>
internal static class ArgumentText
{
    /// <summary>A text, number or boolean as it is written into a URL or a header; <c>null</c> for all else, and for half a surrogate pair.</summary>
    public static string? Scalar(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                try
                {
                    return value.GetString() is { } text && IsWellFormed(text) ? text : null;
                }
                catch (InvalidOperationException) // "\uD800" is valid JSON and no text
                {
                    return null;
                }

            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return value.GetRawText();
            default:
                return null;
        }
    }

    /// <summary>The JSON as it was written.</summary>
    public static byte[] Utf8(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());

    /// <summary>False for texts that hold half of a surrogate pair: they have no UTF-8.</summary>
    public static bool IsWellFormed(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]) && !(char.IsSurrogatePair(text, index) && ++index > 0))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when a header can hold the text and nothing else comes of it.</summary>
    public static bool IsHeaderValue(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;
}
