using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RouterGateway.Inference.Prompts;

/// <summary>Reads the strings of JSON that clients send, whatever is in them.</summary>
/// <remarks>JavaScript clients that cut a text inside an emoji send half a surrogate pair as an escape. JsonElement refuses such strings with an
/// exception each, and a body has room for a million: here nothing throws.</remarks>
internal static class JsonText
{
    private const int EscapeLength = 6; // \u0000

    /// <summary>The text of a string, with U+FFFD for each half of a surrogate pair that stands alone.</summary>
    public static string Of(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        return MayHaveSurrogates(raw) ? Unescape(raw[1..^1]) : value.GetString()!;
    }

    /// <summary>Finds a member; of several with one name, the last.</summary>
    /// <param name="element">An object.</param>
    /// <param name="name">A keyword, in ASCII.</param>
    /// <param name="value">The member's value.</param>
    public static bool TryGet(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        foreach (var member in element.EnumerateObject())
        {
            if (IsNamed(JsonMarshal.GetRawUtf8PropertyName(member), name))
            {
                value = member.Value;
            }
        }

        return value.ValueKind != JsonValueKind.Undefined;
    }

    /// <summary>The name of a member, read likewise.</summary>
    public static string NameOf(JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return MayHaveSurrogates(raw) ? Unescape(raw) : member.Name;
    }

    private static bool MayHaveSurrogates(ReadOnlySpan<byte> raw) => raw.IndexOf("\\ud"u8) >= 0 || raw.IndexOf("\\uD"u8) >= 0;

    // Ends at the first character that differs, so that long names and many cost nothing.
    private static bool IsNamed(ReadOnlySpan<byte> raw, string name)
    {
        foreach (var expected in name)
        {
            if (raw.IsEmpty)
            {
                return false;
            }

            var (c, length) = raw[0] == '\\' ? ReadEscape(raw) : ((char)raw[0], 1);
            if (c != expected)
            {
                return false;
            }

            raw = raw[length..];
        }

        return raw.IsEmpty;
    }

    // Of valid JSON.
    private static (char Character, int Length) ReadEscape(ReadOnlySpan<byte> raw) => raw[1] switch
    {
        (byte)'u' => ((char)ushort.Parse(raw[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), EscapeLength),
        (byte)'n' => ('\n', 2),
        (byte)'t' => ('\t', 2),
        (byte)'r' => ('\r', 2),
        (byte)'b' => ('\b', 2),
        (byte)'f' => ('\f', 2),
        var c => ((char)c, 2),
    };

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var buffer = ArrayPool<char>.Shared.Rent(raw.Length); // no character is longer than it is written
        try
        {
            var count = 0;
            while (!raw.IsEmpty)
            {
                var plain = raw.IndexOf((byte)'\\') is >= 0 and var at ? raw[..at] : raw;
                count += Encoding.UTF8.GetChars(plain, buffer.AsSpan(count));
                raw = raw[plain.Length..];
                if (!raw.IsEmpty)
                {
                    (buffer[count++], var length) = ReadEscape(raw);
                    raw = raw[length..];
                }
            }

            return ReplaceHalves(buffer.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static string ReplaceHalves(Span<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                text[i] = '\uFFFD';
            }
        }

        return new string(text);
    }
}
