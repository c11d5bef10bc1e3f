using System.Text;
using System.Text.Json;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>The secrets that one call sent; nothing that comes back may show them.</summary>
internal sealed class SentSecrets
{
    private const string Mask = "***";

    private readonly List<string> _spellings = [];

    /// <summary>Length of the longest spelling in UTF-8: so many bytes behind a cut may be needed to know a secret that begins before it.</summary>
    public int LongestBytes { get; private set; }

    /// <summary>Notes a secret, also as JSON, URLs and base64 would hold it.</summary>
    public void Add(string secret)
    {
        foreach (var spelling in (string[])[secret, JsonEncodedText.Encode(secret).ToString(), Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))])
        {
            if (!_spellings.Contains(spelling))
            {
                _spellings.Add(spelling);
                LongestBytes = Math.Max(LongestBytes, Encoding.UTF8.GetByteCount(spelling));
            }
        }

        _spellings.Sort(static (one, other) => other.Length.CompareTo(one.Length)); // a secret within another must not leave the other's rest
    }

    /// <summary>The text without the secrets.</summary>
    /// <param name="text">What came back.</param>
    /// <param name="isCut">Whether more would follow: then the beginning of a secret at the end goes as well.</param>
    public string Redact(string text, bool isCut = false)
    {
        foreach (var spelling in _spellings)
        {
            text = text.Replace(spelling, Mask, StringComparison.Ordinal);
        }

        var begun = isCut ? _spellings.Select(spelling => BegunAtEnd(text, spelling)).DefaultIfEmpty().Max() : 0;
        return begun > 0 ? text[..^begun] : text;
    }

    private static int BegunAtEnd(string text, string spelling)
    {
        for (var length = Math.Min(spelling.Length - 1, text.Length); length > 0; length--)
        {
            if (text.AsSpan().EndsWith(spelling.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }
}
