using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>A URL whose path may hold <c>{argument}</c>.</summary>
internal static class UrlTemplate
{
    /// <summary>Puts values into the path.</summary>
    /// <param name="url">The template.</param>
    /// <param name="value">Gives the percent-encoded value of a name, or why there is none.</param>
    /// <param name="filled">The URL.</param>
    /// <param name="fault">Why there is none.</param>
    public static bool TryFill(string url, Func<string, (string? Text, string? Fault)> value, [NotNullWhen(true)] out string? filled, [NotNullWhen(false)] out string? fault)
    {
        (filled, fault) = (null, null);
        var path = PathOf(url);
        var segments = url[path].Split('/');
        for (var index = 0; index < segments.Length; index++)
        {
            if (!TryFillSegment(segments[index], value, out var segment, out fault))
            {
                return false;
            }

            // ".." would lead out of the path the definition gave, and "%2e%2e" is the same to every reader of URLs
            if (segment != segments[index] && Uri.UnescapeDataString(segment) is "." or "..")
            {
                fault = "An argument of the URL's path must not be \".\" or \"..\".";
                return false;
            }

            segments[index] = segment;
        }

        filled = url[..path.Start.Value] + string.Join('/', segments) + url[path.End.Value..];
        return true;
    }

    /// <summary>An absolute http(s) URL without user and fragment; <c>null</c> for all else.</summary>
    public static Uri? Parse(string url)
    {
        try
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                && uri.IdnHost.Length > 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0 ? uri : null;
        }
        catch (UriFormatException) // a host that IDN does not allow: TryCreate takes it, IdnHost throws
        {
            return null;
        }
    }

    private static bool TryFillSegment(
        string segment, Func<string, (string? Text, string? Fault)> value, out string filled, [NotNullWhen(false)] out string? fault)
    {
        var text = new StringBuilder();
        var rest = segment.AsSpan();
        fault = null;
        while (rest.IndexOf('{') is var open and >= 0 && rest[open..].IndexOf('}') is var length and > 1)
        {
            var name = rest.Slice(open + 1, length - 1).ToString();
            (var written, fault) = value(name);
            if (written is null)
            {
                filled = "";
                fault ??= $"The argument \"{name}\" is missing.";
                return false;
            }

            text.Append(rest[..open]).Append(written);
            rest = rest[(open + length + 1)..];
        }

        filled = text.Append(rest).ToString();
        fault = null;
        return true;
    }

    // between the host and the query: what an argument may choose part of
    private static Range PathOf(string url)
    {
        var authority = url.IndexOf("//", StringComparison.Ordinal);
        var start = authority < 0 ? -1 : url.AsSpan(authority + 2).IndexOfAny('/', '?', '#');
        if (start < 0 || url[authority + 2 + start] != '/')
        {
            return url.Length..url.Length;
        }

        start += authority + 2;
        var length = url.AsSpan(start).IndexOfAny('?', '#');
        return start..(length < 0 ? url.Length : start + length);
    }
}
