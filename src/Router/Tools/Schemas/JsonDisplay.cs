using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouterGateway.Router.Tools.Schemas;

/// <summary>Between the text of JSON and the text of faults.</summary>
internal static class JsonDisplay
{
    private const int LongestShown = 60;

    /// <summary>Decodes the inside of a JSON string as it stands; halves of surrogate pairs stay, and bytes that are no UTF-8 become U+FFFD.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8, bool isEscaped)
    {
        if (!isEscaped)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var text = new StringBuilder();
        while (utf8.IndexOf((byte)'\\') is var escape and >= 0)
        {
            text.Append(Encoding.UTF8.GetString(utf8[..escape]));
            var isUnicode = utf8[escape + 1] == 'u';
            text.Append(isUnicode ? (char)ushort.Parse(utf8.Slice(escape + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Unescape(utf8[escape + 1]));
            utf8 = utf8[(escape + (isUnicode ? 6 : 2))..];
        }

        return text.Append(Encoding.UTF8.GetString(utf8)).ToString();
    }

    /// <summary>A value as JSON, shortened.</summary>
    public static string Show(JsonDatum datum) => datum.Kind switch
    {
        JsonValueKind.String => Quote(datum.Text),
        JsonValueKind.Number => Shorten(datum.Text),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "null",
        JsonValueKind.Array => datum.Items.Length == 0 ? "[]" : Count(datum.Items.Length, "an array of 1 item", "an array of {0} items"),
        _ => datum.Items.Length == 0 ? "{}" : Count(datum.Items.Length, "an object of 1 property", "an object of {0} properties"),
    };

    /// <summary>A value that must be met to the letter: as <see cref="Show"/>, but small arrays and objects whole.</summary>
    public static string ShowWhole(JsonDatum datum)
    {
        if (datum.Items.Length == 0 || datum.Size > 12)
        {
            return Show(datum);
        }

        var parts = datum.IsArray
            ? datum.Items.Select(ShowWhole)
            : datum.Names.Zip(datum.Items, static (name, value) => Quote(name) + ":" + ShowWhole(value));
        return datum.IsArray ? $"[{string.Join(',', parts)}]" : $"{{{string.Join(',', parts)}}}";
    }

    /// <summary>A text as JSON string, shortened.</summary>
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Shorten(text))}\"";

    public static string PointerKey(string key) => Clean(Shorten(key)).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>"a", "b" or "c"; the last ones are left out when there are many.</summary>
    public static string List(IEnumerable<string> shown, int most, string conjunction = "or")
    {
        var all = shown.ToList();
        if (all.Count > most)
        {
            return $"{string.Join(", ", all.Take(most))} {conjunction} {all.Count - most} more";
        }

        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.Take(all.Count - 1))} {conjunction} {all[^1]}";
    }

    public static string Count(long count, string one, string many) => count == 1 ? one : string.Format(CultureInfo.InvariantCulture, many, count);

    /// <summary>A text that can be sent as UTF-8 and stays on one line.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // halves of pairs come as U+FFFD
        {
            clean.Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }

    private static string Shorten(string text)
    {
        if (text.Length <= LongestShown)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[LongestShown - 1]) ? LongestShown - 1 : LongestShown;
        return text[..end] + "…";
    }

    private static char Unescape(byte escaped) => escaped switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escaped,
    };
}
