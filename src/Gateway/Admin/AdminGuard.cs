using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Cli;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Admin;

/// <summary>Lets nobody to <c>/admin</c> but those who have the key or, where no key is set, sit at this machine.</summary>
/// <remarks>
/// A loopback address alone proves little: a reverse proxy on this machine has one, and so has a browser here that a page of another site steers,
/// by posting to localhost or by a name of its own that it lets point there (DNS rebinding). Hence the headers that tell them.
/// </remarks>
internal sealed partial class AdminGuard(RequestDelegate next, IOptions<GatewayOptions> options, ILogger<AdminGuard> logger)
{
    private const string Bearer = "Bearer ";
    private static readonly string[] _proxyHeaders = ["Forwarded", "Via", "X-Real-IP"];

    // hashes of equal length, so that the time of a comparison tells nothing
    private readonly byte[]? _key = options.Value.AdminKey is { Length: > 0 } key ? Hash(key) : null;

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/admin", StringComparison.OrdinalIgnoreCase) || Refuse(context.Request) is not { } failure)
        {
            await next(context);
            return;
        }

        var address = context.Connection.RemoteIpAddress;
        LogRefused(logger, context.Request.Method, context.Request.Path.Value, address, failure.Message);
        if (failure.Error == GatewayError.Unauthorized)
        {
            context.Response.OnStarting(static response =>
            {
                ((HttpResponse)response).Headers.WWWAuthenticate = "Bearer"; // RFC 9110, section 15.5.2
                return Task.CompletedTask;
            }, context.Response);
        }

        await ErrorWriter.WriteAsync(context, failure);
    }

    private GatewayFailure? Refuse(HttpRequest request)
    {
        if (_key is not null)
        {
            return HasKey(request.Headers, _key)
                ? null
                : new GatewayFailure(GatewayError.Unauthorized, "The admin key is missing or wrong. Send it as \"Authorization: Bearer <key>\" or \"x-admin-key: <key>\".");
        }

        return ForeignSign(request) is { } sign
            ? new GatewayFailure(GatewayError.Forbidden, $"Without an admin key only callers on the gateway's own machine are served, and {sign}. Set {ServeCommand.AdminKeyVariable} for the gateway and send that key.")
            : null;
    }

    private static bool HasKey(IHeaderDictionary headers, byte[] key)
    {
        var authorization = headers.Authorization.ToString();
        var hasBearer = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && IsKey(authorization[Bearer.Length..].Trim(), key);
        return hasBearer | IsKey(headers["x-admin-key"].ToString(), key);
    }

    private static bool IsKey(string given, byte[] key) => CryptographicOperations.FixedTimeEquals(Hash(given), key);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>What tells that the caller does not sit here; <c>null</c>: nothing does.</summary>
    private static string? ForeignSign(HttpRequest request)
    {
        var address = request.HttpContext.Connection.RemoteIpAddress;
        if (address is null || !IsLoopback(address))
        {
            return "this request comes from another one";
        }

        if (!IsLoopback(request.Host.Host))
        {
            return "this request is addressed to another host name than localhost";
        }

        if (request.Headers.Keys.FirstOrDefault(static name => _proxyHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)) is { } proxied)
        {
            return $"this request came through a proxy ({proxied})";
        }

        // "null" is the origin of sandboxed pages and of files
        return request.Headers.TryGetValue("Origin", out var origin) && !IsOwn(origin.ToString(), request) ? "this request was made by a page of another site (Origin)" : null;
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals($"{uri.Scheme}://{uri.Authority}", Canonical(request), StringComparison.OrdinalIgnoreCase);

    private static string? Canonical(HttpRequest request) =>
        Uri.TryCreate($"{request.Scheme}://{request.Host.Value}", UriKind.Absolute, out var uri) ? $"{uri.Scheme}://{uri.Authority}" : null;

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IsLoopback(address));

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    [LoggerMessage(EventId = 1211, Level = LogLevel.Debug, Message = "Refused {Method} {Path} from {Address}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string method, string? path, IPAddress? address, string reason);
}
