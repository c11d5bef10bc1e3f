using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Cli;
using RouterGateway.Gateway.Endpoints;
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
    private static string? ForeignSign(HttpRequest request) =>
        !RequestOrigin.IsLocal(request) ? "this request comes from another one"
        : !RequestOrigin.NamesLoopback(request) ? "this request is addressed to another host name than localhost"
        : RequestOrigin.ProxyHeader(request.Headers) is { } proxied ? $"this request came through a proxy ({proxied})"
        : RequestOrigin.IsForeignPage(request) ? "this request was made by a page of another site (Origin)"
        : null;

    [LoggerMessage(EventId = 1211, Level = LogLevel.Debug, Message = "Refused {Method} {Path} from {Address}: {Reason}")]
    private static partial void LogRefused(ILogger logger, string method, string? path, IPAddress? address, string reason);
}
