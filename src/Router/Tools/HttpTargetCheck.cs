using System.Collections.Frozen;

namespace RouterGateway.Router.Tools;

/// <summary>What of an HTTP tool can be checked without the network; where it may lead is decided when it is called.</summary>
public static class HttpTargetCheck
{
    private const int LongestUrl = 2048;

    // they frame the message, name the host or belong to the connection: who sets them can smuggle requests
    private static readonly FrozenSet<string> _reserved = new[]
    {
        "Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Expect", "Proxy-Authorization", "Proxy-Connection",
        "Cookie", "Accept-Encoding",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Methods that a tool may use.</summary>
    public static IReadOnlyList<string> Methods { get; } = ["GET", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>What is wrong with an URL that may hold <c>{argument}</c> in its path; null: nothing.</summary>
    public static string? UrlFault(string url)
    {
        if (url.Length > LongestUrl || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            return "must be an address such as \"https://api.example.com/weather\"";
        }

        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            return "must not hold a user or a fragment; secrets belong in tools.secrets of routes.json, and are named in \"headers\"";
        }

        // an argument must not choose the host, whatever it holds
        return url.IndexOf('{', StringComparison.Ordinal) is var brace and >= 0 && brace < url.IndexOf('/', url.IndexOf("//", StringComparison.Ordinal) + 2)
            || (url.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 && url.AsSpan(query).Contains('{'))
            ? "must hold {argument} in its path only; arguments of the query are named in \"query\""
            : null;
    }

    /// <summary>What is wrong with the name of a header; null: nothing.</summary>
    public static string? HeaderFault(string name) =>
        name.Length == 0 || !name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? "is no name of a header"
        : _reserved.Contains(name) ? "is set by the gateway"
        : null;
}
