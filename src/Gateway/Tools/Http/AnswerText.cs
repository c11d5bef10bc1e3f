using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Tells text from other content, and decodes it.</summary>
internal static class AnswerText
{
    private static readonly string[] _texts =
    [
        "application/json", "application/xml", "application/javascript", "application/x-javascript", "application/ecmascript", "application/x-ndjson", "application/jsonl",
        "application/json-seq", "application/x-www-form-urlencoded", "application/yaml", "application/x-yaml", "application/toml", "application/sql", "application/graphql",
    ];

    /// <summary>True for types that hold text; what has no type is taken for text until it is found not to be.</summary>
    public static bool IsText(string? mediaType) =>
        mediaType is null || mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || _texts.Contains(mediaType, StringComparer.OrdinalIgnoreCase)
        || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase) || mediaType.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("+yaml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Decodes by the charset, else by a byte order mark, else as UTF-8.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isCut">Whether more would follow: then half a character at the end is left out.</param>
    /// <param name="type">Type of the content; <c>null</c>: none was given.</param>
    /// <param name="text">The text.</param>
    /// <param name="fault">Why there is none, to be read behind "The tool answered with ".</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, bool isCut, MediaTypeHeaderValue? type, [NotNullWhen(true)] out string? text, [NotNullWhen(false)] out string? fault)
    {
        (text, fault) = (null, null);
        var charset = type?.CharSet?.Trim('"', '\'', ' ');
        var encoding = string.IsNullOrEmpty(charset) ? OfMark(bytes) : Named(charset);
        if (encoding is null)
        {
            fault = "text in a charset that is not known";
            return false;
        }

        bytes = bytes.StartsWith(encoding.Preamble) ? bytes[encoding.Preamble.Length..] : bytes;
        try
        {
            var decoder = encoding.GetDecoder();
            var characters = new char[encoding.GetMaxCharCount(bytes.Length)];
            text = new string(characters, 0, decoder.GetChars(bytes, characters, flush: !isCut));
        }
        catch (DecoderFallbackException)
        {
            fault = string.IsNullOrEmpty(charset) ? "text that is not UTF-8 and names no charset" : "text that does not follow its own charset";
            return false;
        }

        fault = text.Contains('\0', StringComparison.Ordinal) ? "binary content" : null;
        return fault is null;
    }

    private static Encoding OfMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) ? new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true)
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true)
        : bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true)
        : new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    private static Encoding? Named(string charset)
    {
        try
        {
            charset = charset.Equals("utf8", StringComparison.OrdinalIgnoreCase) ? "utf-8" : charset; // a slip that is everywhere
            return CodePagesEncodingProvider.Instance.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                ?? Encoding.GetEncoding(charset, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException) // unknown; or UTF-7, which hides ASCII
        {
            return null;
        }
    }
}
