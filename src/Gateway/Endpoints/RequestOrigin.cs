using System.Net;

namespace RouterGateway.Gateway.Endpoints;

/// <summary>What the addresses and headers of a request tell of where it comes from.</summary>
/// <remarks>
/// A browser on a machine that may ask the gateway can be steered there by a page of another site: by posting to the gateway's address, or by a
/// name of the page's own that it lets point there (DNS rebinding). The former shows in Origin, the latter in Host alone: both name the page's site then.
/// </remarks>
internal static class RequestOrigin
{
    private static readonly string[] _proxyHeaders = ["Forwarded", "Via", "X-Real-IP"];

    /// <summary>True when the connection comes from this machine.</summary>
    public static bool IsLocal(HttpRequest request) => request.HttpContext.Connection.RemoteIpAddress is { } address && IsLoopback(address);

    /// <summary>True when the request names this machine by <c>localhost</c> or a loopback address.</summary>
    public static bool NamesLoopback(HttpRequest request) =>
        request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(request.Host.Host, out var address) && IsLoopback(address));

    /// <summary>True when the request names a machine by its address: nobody can let that point elsewhere.</summary>
    public static bool NamesAddress(HttpRequest request) => IPAddress.TryParse(request.Host.Host, out _);

    /// <summary>The header that a proxy left; <c>null</c>: none did.</summary>
    public static string? ProxyHeader(IHeaderDictionary headers) =>
        headers.Keys.FirstOrDefault(static name => _proxyHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));

    /// <summary>True when a page of another site made the request; <c>null</c> as origin is that of sandboxed pages and of files.</summary>
    public static bool IsForeignPage(HttpRequest request) => request.Headers.TryGetValue("Origin", out var origin) && !IsOwn(origin.ToString(), request);

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals($"{uri.Scheme}://{uri.Authority}", Canonical(request), StringComparison.OrdinalIgnoreCase);

    private static string? Canonical(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.Authority}" : null;

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
