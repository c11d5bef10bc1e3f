using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using ModelContextProtocol.Client;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Streamable HTTP, or the older HTTP with server-sent events where a server knows no other.</summary>
internal sealed class McpHttpCarrier : IMcpCarrier
{
    private readonly HttpClient _client;

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The client owns its handlers.")]
    private McpHttpCarrier(McpServerSettings settings, Uri url, IReadOnlyList<KeyValuePair<string, string>> headers, Action suspect, TimeProvider timeProvider)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // a redirect would take the headers, secrets and all, elsewhere
            UseCookies = false,
            ConnectTimeout = settings.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5), // names may come to lead elsewhere
        };
        _client = new HttpClient(new McpHttpHandler(url, headers, suspect, timeProvider) { InnerHandler = sockets }) { Timeout = Timeout.InfiniteTimeSpan };
        Transport = new HttpClientTransport(
            new HttpClientTransportOptions { Endpoint = url, Name = settings.Id, TransportMode = HttpTransportMode.AutoDetect, ConnectionTimeout = settings.Timeout },
            _client, loggerFactory: null, ownsHttpClient: false);
    }

    public IClientTransport Transport { get; }

    public bool NeedsChecks => true;

    /// <summary>Reads the secrets of the headers.</summary>
    /// <returns>The carrier, or why there is none.</returns>
    public static (McpHttpCarrier? Carrier, string? Fault) Create(
        McpServerSettings settings, FrozenDictionary<string, ToolSecret> secrets, Action suspect, TimeProvider timeProvider)
    {
        var url = settings.Url!; // given when there is no command
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, header) in settings.Headers)
        {
            if (header.Secret is null)
            {
                headers.Add(new(name, header.Text ?? ""));
                continue;
            }

            var secret = secrets.GetValueOrDefault(header.Secret);
            if (secret?.Hosts.Contains(url.Host.Trim('[', ']'), StringComparer.OrdinalIgnoreCase) != true)
            {
                return (null, $"the secret \"{header.Secret}\" may not be sent to {url.Host}: tools.secrets does not name it among its hosts");
            }

            if (secret.Credentials.ReadSecret() is not { } value || value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
            {
                return (null, $"the secret \"{header.Secret}\" ({secret.Credentials.SecretFile ?? secret.Credentials.EnvironmentVariable}) is missing, empty or no text for a header");
            }

            headers.Add(new(name, header.Prefix + value));
        }

        return (new McpHttpCarrier(settings, url, headers, suspect, timeProvider), null);
    }

    public Task CloseAsync() => Task.CompletedTask;

    public Task<string?> ExplainEndAsync() => Task.FromResult<string?>(null);

    public ValueTask DisposeAsync()
    {
        _client.Dispose(); // and with it all that is under way
        return ValueTask.CompletedTask;
    }
}
