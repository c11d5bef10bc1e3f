using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace RouterGateway.Gateway.Tools.Http;

/// <summary>Sends requests to addresses that were checked, and to no others.</summary>
/// <remarks>
/// A request's URL names the checked address itself, and its <c>Host</c> header the host: names are never looked up in here, so that what was checked
/// is what is connected to. <see cref="SocketsHttpHandler"/> takes the name for TLS (SNI and the certificate's check) from that header, and keeps its
/// connections by scheme, address, port and that name. A pooled connection is thus only found by a request whose own address was checked a moment
/// before, under the settings of that moment: a reload that forbids an address counts for the connections that are open already.
/// </remarks>
internal sealed class PinnedConnections : IDisposable
{
    private const int MostAddresses = 4;

    private static readonly TimeSpan _connectTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _invoker;

    /// <param name="trust">Which certificates are trusted; <c>null</c>: those of the machine.</param>
    public PinnedConnections(X509ChainPolicy? trust) => _invoker = new HttpMessageInvoker(new SocketsHttpHandler
    {
        UseProxy = false, // a proxy would look names up by itself
        UseCookies = false,
        AllowAutoRedirect = false, // each hop is checked like the first
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // traces and baggage are nobody else's business
        ConnectTimeout = _connectTimeout,
        MaxResponseHeadersLength = 16, // KiB
        MaxResponseDrainSize = 64 * 1024,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectCallback = ConnectAsync,
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
    });

    /// <summary>Sends to the first address that takes the connection.</summary>
    /// <param name="uri">What is asked for.</param>
    /// <param name="addresses">The checked addresses of its host; at least one.</param>
    /// <param name="create">Makes the request but for its URL and <c>Host</c>, anew for every address.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HttpRequestException">No address answered, or not in HTTP. Its message may hold what came back: it is not to be shown.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri uri, IReadOnlyList<IPAddress> addresses, Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        for (var index = 0; ; index++)
        {
            var request = create();
            request.RequestUri = At(uri, addresses[index]);
            request.Headers.Host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]{Port(uri)}" : uri.IdnHost + Port(uri);
            request.Version = HttpVersion.Version11;
            var isLast = index + 1 == Math.Min(addresses.Count, MostAddresses);
            try
            {
                return await _invoker.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException fault) when (!isLast && fault.HttpRequestError == HttpRequestError.ConnectionError)
            {
                // nothing was sent yet: the next address may do
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested) // ConnectTimeout
            {
                if (isLast)
                {
                    throw new HttpRequestException(HttpRequestError.ConnectionError);
                }
            }
        }
    }

    public void Dispose() => _invoker.Dispose();

    private static Uri At(Uri uri, IPAddress address)
    {
        address = PublicAddress.Plain(address); // the form that was judged
        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }; // they are canonical, and stay as they were checked
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"{uri.Scheme}://{host}:{uri.Port}{uri.PathAndQuery}"), options);
    }

    private static string Port(Uri uri) => uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var address = IPAddress.Parse(context.DnsEndPoint.Host); // a name in here is a bug, and must fail rather than be looked up
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
