using System.Net;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>Guards the HTTP exchange with one server: it alone is sent the headers, and no answer is larger than a bound.</summary>
/// <param name="server">Address of the server.</param>
/// <param name="headers">Sent with every request; they may hold secrets.</param>
/// <param name="suspect">Called when the server seems to be gone.</param>
/// <param name="timeProvider">Clock of the farewell.</param>
internal sealed class McpHttpHandler(Uri server, IReadOnlyList<KeyValuePair<string, string>> headers, Action suspect, TimeProvider timeProvider) : DelegatingHandler
{
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _betweenStreams = TimeSpan.FromSeconds(1);

    private long? _lastStream;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { } uri || Uri.Compare(uri, server, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
        {
            // servers of the older SSE transport say where messages go
            throw new HttpRequestException("The server wants messages to go to another host, which is not done.");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Method == HttpMethod.Get)
        {
            // a stream that ends is opened again after a time that the server chooses: none, if it likes
            var wait = _lastStream is { } last ? _betweenStreams - timeProvider.GetElapsedTime(last) : TimeSpan.Zero;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, timeProvider, cancellationToken);
            _lastStream = timeProvider.GetTimestamp();
        }

        // the library ends sessions without a token of ours: a server that hangs must not hold that up
        using var farewell = request.Method == HttpMethod.Delete ? new CancellationTokenSource(_farewell, timeProvider) : null;
        using var either = farewell is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, farewell.Token);
        try
        {
            var response = await base.SendAsync(request, either?.Token ?? cancellationToken);
            await BoundAsync(request, response, cancellationToken);
            return response;
        }
        catch (HttpRequestException)
        {
            suspect();
            throw;
        }
    }

    private async Task BoundAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.NotFound or >= HttpStatusCode.InternalServerError)
        {
            suspect(); // 404: it forgot the session
        }

        var isEvents = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        var isOpenStream = isEvents && request.Method == HttpMethod.Get;
        var body = new StreamContent(new BoundedMessageStream(
            await response.Content.ReadAsStreamAsync(cancellationToken), McpConnection.MostMessageBytes, isEvents ? MessageEnd.EmptyLine : MessageEnd.Stream, isOpenStream ? suspect : null));
        foreach (var (name, values) in response.Content.Headers)
        {
            body.Headers.TryAddWithoutValidation(name, values);
        }

        response.Content = body;
    }
}
