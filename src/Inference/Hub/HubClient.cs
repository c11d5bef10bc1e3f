using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace RouterGateway.Inference.Hub;

/// <summary>Asks a Hugging Face-compatible hub, each time once: its callers decide whether to ask again.</summary>
internal sealed partial class HubClient : IDisposable
{
    private const int MostRedirects = 10;
    private const int CommitDigits = 40;
    private const int MostReasonCharacters = 200;

    private readonly Uri _endpoint;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly TimeSpan _readTimeout;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    /// <exception cref="ArgumentException">The endpoint is no address, or the token is no token.</exception>
    public HubClient(ModelPullOptions options)
    {
        _endpoint = ParseEndpoint(options.Endpoint);
        _authorization = ParseToken(options.Token);
        (_readTimeout, _clock) = (options.ReadTimeout, options.Clock);

        // redirects are followed below: HttpClient's own way leaves to chance which hosts see the token
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = DecompressionMethods.None, ConnectTimeout = _readTimeout };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("RouterGateway");
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity"); // ranges are of the bytes as they are
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Where a person reads about a repository, and accepts its licence.</summary>
    public string PageOf(string repository) => $"{_endpoint.AbsoluteUri.TrimEnd('/')}/{repository}";

    /// <summary>Opens a file; the caller disposes the answer, whose status is 200, 206 or 416.</summary>
    /// <param name="repository">Owner and name.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="path">The file.</param>
    /// <param name="fromByte">How many bytes are here already; 0: all are wanted.</param>
    /// <param name="tag">The ETag that they had; null: none that can be relied on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HubBusyException">It failed, and another try may help.</exception>
    /// <exception cref="HubException">It failed for good.</exception>
    public Task<HubAnswer> OpenAsync(string repository, string revision, string path, long fromByte, EntityTagHeaderValue? tag, CancellationToken cancellationToken) =>
        SendAsync(
            Url($"{repository}/resolve/{Uri.EscapeDataString(revision)}/{HubNames.Escape(path)}"),
            repository,
            request =>
            {
                if (fromByte > 0)
                {
                    request.Headers.Range = new RangeHeaderValue(fromByte, null);
                    request.Headers.IfRange = tag is null ? null : new RangeConditionHeaderValue(tag);
                }
            },
            cancellationToken);

    private Uri Url(string path) => new($"{_endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    private async Task<HubAnswer> SendAsync(Uri url, string repository, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken)
    {
        string? commit = null;
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            prepare?.Invoke(request);
            request.Headers.Authorization = IsHub(url) ? _authorization : null;
            var response = await SendOnceAsync(request, cancellationToken);
            commit ??= response.Headers.TryGetValues("X-Repo-Commit", out var values) && values.First() is { Length: CommitDigits } value && value.All(char.IsAsciiHexDigit) ? value : null;
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                return new HubAnswer(response, commit, url);
            }

            using (response)
            {
                url = (int)response.StatusCode is >= 300 and < 400 && response.Headers.Location is { } location ? Redirected(url, location) : throw Refusal(response, url, repository);
            }
        }

        throw new HubException($"{Printable(url)} redirects without end: is HF_ENDPOINT the address of a hub?");
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_readTimeout);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubBusyException($"{Printable(request.RequestUri!)} did not answer within {_readTimeout.TotalSeconds:0.#} s", null, e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new HubException($"{Printable(request.RequestUri!)} has no certificate that this machine trusts ({Reason(e)}): check HF_ENDPOINT, the clock and the certificates of this machine.", e);
        }
        catch (HttpRequestException e)
        {
            throw new HubBusyException($"{Printable(request.RequestUri!)} cannot be reached ({Reason(e)})", null, e);
        }
    }

    private Uri Redirected(Uri from, Uri location)
    {
        var to = new Uri(from, location);
        return (to.Scheme == Uri.UriSchemeHttps || (to.Scheme == Uri.UriSchemeHttp && _endpoint.Scheme == Uri.UriSchemeHttp))
            ? to
            : throw new HubException($"{Printable(from)} redirects to {Printable(to)}, which is not encrypted: ask the hub's operator.");
    }

    // What the hub says is shown, but only to the extent that a terminal can bear.
    private Exception Refusal(HttpResponseMessage response, Uri url, string repository)
    {
        var status = (int)response.StatusCode;
        var said = response.Headers.TryGetValues("X-Error-Message", out var values) ? $" (\"{Shorten(values.First())}\")" : "";
        var what = $"{Printable(url)} answered {status.ToString(CultureInfo.InvariantCulture)}{said}";
        return status switch
        {
            // a signed address of a storage host has run out; the hub gives a new one
            401 or 403 when !IsHub(url) => new HubBusyException(what),
            401 or 403 when _authorization is null => new HubException(
                $"{what}. If {repository} exists, it is private or gated: accept its licence at {PageOf(repository)}, and set HF_TOKEN, which is not set, to a token that may read it."),
            401 or 403 => new HubException(
                $"{what}. The token in HF_TOKEN is not accepted, or may not read {repository}: check it, and accept the licence at {PageOf(repository)}."),
            404 => new HubException($"{what}: there is no such repository, revision or file. Check the name, and --revision; {PageOf(repository)} shows what there is."),
            408 or 425 or 429 or >= 500 => new HubBusyException(what, RetryAfter(response)),
            _ => new HubException($"{what}: is HF_ENDPOINT ({Printable(_endpoint)}) the address of a Hugging Face-compatible hub?"),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > _clock.GetUtcNow() ? date - _clock.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private bool IsHub(Uri url) => url.Scheme == _endpoint.Scheme && url.Host == _endpoint.Host && url.Port == _endpoint.Port;

    // Without the query: in a signed address it is a credential.
    private static string Printable(Uri url) => url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    private static string Reason(HttpRequestException e) => (e.InnerException ?? e).Message.ReplaceLineEndings(" ").TrimEnd('.');

    private static string Shorten(string text) => string.Concat(text.Where(static c => !char.IsControl(c)).Take(MostReasonCharacters));

    private static Uri ParseEndpoint(string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Query.Length + url.Fragment.Length + url.UserInfo.Length == 0
            ? url
            : throw new ArgumentException($"HF_ENDPOINT is no address of a hub; it must be one such as {ModelPullOptions.DefaultEndpoint}.");

    private static AuthenticationHeaderValue? ParseToken(string? token) => token?.Trim() switch
    {
        null or "" => null,
        var text when text.All(static c => char.IsAscii(c) && !char.IsControl(c) && c != ' ') => new AuthenticationHeaderValue("Bearer", text),
        _ => throw new ArgumentException("HF_TOKEN holds what no token can: copy it again."),
    };
}
