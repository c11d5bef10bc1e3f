using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Calls HTTP endpoints that callers registered: only where <c>tools.network</c> lets them lead, with secrets only for hosts that may see them.</summary>
/// <remarks>
/// One call, hop by hop: build the request from the arguments; look its host up, once; check scheme, port and every address under the settings of this
/// moment; add secrets for this host; send to the checked address (<see cref="PinnedConnections"/>); follow a redirect by doing all of it again, or read the
/// answer. What goes wrong is a result. Texts of exceptions are neither shown nor logged: .NET puts lines of the answer in them.
/// </remarks>
internal sealed partial class HttpToolClient : IDisposable
{
    private const int MostRedirects = 3;

    private readonly Func<ToolSettings> _settings;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly ILogger _logger;
    private readonly PinnedConnections _connections;

    public HttpToolClient(RouteTableMonitor monitor, ILogger<HttpToolClient> logger)
        : this(() => monitor.Current.Tools, logger, Dns.GetHostAddressesAsync)
    {
    }

    /// <param name="settings">Read by each call, so that a reload counts at once.</param>
    /// <param name="logger">Told at Debug why calls failed.</param>
    /// <param name="resolve">Looks a host up.</param>
    /// <param name="trust">Which certificates are trusted; <c>null</c>: those of the machine.</param>
    internal HttpToolClient(Func<ToolSettings> settings, ILogger logger, Func<string, CancellationToken, Task<IPAddress[]>> resolve, X509ChainPolicy? trust = null)
    {
        (_settings, _resolve, _logger) = (settings, resolve, logger);
        _connections = new PinnedConnections(trust);
    }

    /// <summary>Calls an endpoint. Expected failures are results; throws only when it is cancelled.</summary>
    public async Task<ToolResult> CallAsync(HttpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, CancellationToken cancellationToken)
    {
        var (request, fault) = HttpToolRequest.Build(target, arguments);
        if (request is null)
        {
            return new ToolResult(fault!, IsError: true);
        }

        var call = new Call(target, request, _settings());
        try
        {
            return await FollowAsync(call, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            LogFailed(_logger, request.Uri.IdnHost, e.HttpRequestError);
            return ToolResult.Broken(Explain(e.HttpRequestError));
        }
        catch (IOException)
        {
            LogFailed(_logger, request.Uri.IdnHost, HttpRequestError.ResponseEnded);
            return ToolResult.Broken(Explain(HttpRequestError.ResponseEnded));
        }
    }

    public void Dispose() => _connections.Dispose();

    private async Task<ToolResult> FollowAsync(Call call, CancellationToken cancellationToken)
    {
        var uri = call.Request.Uri;
        var sameOrigin = true; // until a redirect leads away; it stays lost when another leads back
        for (var hop = 0; ; hop++)
        {
            var (response, refusal) = await SendAsync(call, uri, sameOrigin, cancellationToken);
            if (response is null)
            {
                return refusal!;
            }

            using (response)
            {
                if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
                {
                    return await new HttpToolAnswer(call.Settings.MaxResultBytes, call.Secrets).ReadAsync(response, cancellationToken);
                }

                if (FaultOfRedirect(call, response, hop, uri, out var next) is { } fault)
                {
                    return new ToolResult(fault, IsError: true);
                }

                sameOrigin &= HttpToolRequest.HasSameOrigin(next!, uri);
                uri = next!;
            }
        }
    }

    private static string? FaultOfRedirect(Call call, HttpResponseMessage response, int hop, Uri uri, out Uri? next)
    {
        next = null;
        if (call.Request.Body is not null || call.Target.Method != "GET")
        {
            return $"The tool answered {(int)response.StatusCode}, a redirect; only GET follows those.";
        }

        if (hop == MostRedirects)
        {
            return $"The tool redirected more than {MostRedirects} times.";
        }

        next = response.Headers.TryGetValues("Location", out var locations) && Uri.TryCreate(uri, locations.First(), out var location)
            ? UrlTemplate.Parse(location.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped))
            : null;
        return next is null ? $"The tool answered {(int)response.StatusCode}, a redirect to no usable URL." : null;
    }

    private async Task<(HttpResponseMessage? Response, ToolResult? Refusal)> SendAsync(Call call, Uri uri, bool sameOrigin, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(uri.IdnHost, cancellationToken);
        if (addresses.Length == 0)
        {
            return (null, ToolResult.Broken("The host of the tool is not known."));
        }

        if (new NetworkRules(call.Settings.Network).Fault(uri, addresses) is { } fault)
        {
            LogRefused(_logger, call.Request.Uri.IdnHost, fault);
            return (null, ToolResult.Broken($"The tool {fault}."));
        }

        if (!call.TryReadSecrets(uri, sameOrigin, out var secrets, out var secretFault))
        {
            LogRefused(_logger, call.Request.Uri.IdnHost, secretFault);
            return (null, new ToolResult($"The tool {secretFault}.", IsError: true));
        }

        return (await _connections.SendAsync(uri, addresses, () => call.CreateMessage(sameOrigin, secrets), cancellationToken), null);
    }

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return [address];
        }

        try
        {
            return await _resolve(host, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or ArgumentException) // unknown; or longer than a name can be
        {
            return [];
        }
    }

    private static string Explain(HttpRequestError error) => error switch
    {
        HttpRequestError.SecureConnectionError => "The tool's TLS certificate or handshake is not good.",
        HttpRequestError.ConnectionError => "The tool cannot be reached.",
        HttpRequestError.ConfigurationLimitExceeded => "The headers of the tool's answer are too long.",
        HttpRequestError.ResponseEnded => "The tool broke its answer off.",
        _ => "The tool does not answer in HTTP as it should.",
    };

    // the host of the definition, also behind a redirect: the other is the tool's word, which may hold a secret that it was sent
    [LoggerMessage(EventId = 1350, Level = LogLevel.Debug, Message = "A tool at {Host} failed: {Error}")]
    private static partial void LogFailed(ILogger logger, string host, HttpRequestError error);

    [LoggerMessage(EventId = 1351, Level = LogLevel.Debug, Message = "A tool at {Host} was not called: it {Fault}")]
    private static partial void LogRefused(ILogger logger, string host, string fault);
}
