using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>One connection to a server, from its start to its loss.</summary>
internal sealed class McpConnection : IAsyncDisposable
{
    /// <summary>Most bytes of one message of a server.</summary>
    public const int MostMessageBytes = 16 * 1024 * 1024;

    private const string SubscribingVersion = "2026-07-28"; // from here on, changes are told to those who listen only

    private static readonly TimeSpan _closeGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _listenAgainAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestProbe = TimeSpan.FromSeconds(5);
    private static readonly string _version = typeof(McpConnection).Assembly.GetName().Version?.ToString(3) ?? "0";

    private readonly McpServerSettings _settings;
    private readonly TimeProvider _timeProvider;
    private readonly Channel<bool> _news;
    private readonly CancellationTokenSource _stop = new();
    private readonly IMcpCarrier _carrier;
    private readonly McpClient _client;
    private readonly McpCaller _caller;
    private readonly Task _listening;

    private McpConnection(McpServerSettings settings, TimeProvider timeProvider, Channel<bool> news, IMcpCarrier carrier, McpClient client, McpProgressRouter router)
    {
        (_settings, _timeProvider, _news, _carrier, _client, _caller) = (settings, timeProvider, news, carrier, client, new McpCaller(client, router, timeProvider));
        var mustListen = string.CompareOrdinal(client.NegotiatedProtocolVersion, SubscribingVersion) >= 0 && client.ServerCapabilities.Tools?.ListChanged == true;
        _listening = mustListen ? ListenAsync(_stop.Token) : Task.CompletedTask;
    }

    /// <summary>True when a loss of the server may go unseen until it is asked something.</summary>
    public bool NeedsChecks => _carrier.NeedsChecks;

    /// <summary>Completes when the connection has ended.</summary>
    public Task Closed => _client.Completion;

    /// <summary>Connects.</summary>
    /// <returns>The connection, or why there is none.</returns>
    /// <exception cref="Exception">Of any kind: what the library throws at what servers say.</exception>
    public static async Task<(McpConnection? Connection, string? Fault)> OpenAsync(
        McpServerSettings settings, ToolSettings tools, TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        (IMcpCarrier? carrier, var fault) = settings.Url is null
            ? McpChildProcess.Start(settings, timeProvider, logger)
            : ((IMcpCarrier?, string?))McpHttpCarrier.Create(settings, tools.Secrets, () => news.Writer.TryWrite(true), timeProvider);
        if (carrier is null)
        {
            return (null, fault);
        }

        var router = new McpProgressRouter();
        var transport = new McpProgressTransport(carrier.Transport, router);
        try
        {
            var client = await WithinAsync(settings.Timeout, timeProvider, token => McpClient.CreateAsync(transport, CreateOptions(settings, timeProvider, news), loggerFactory: null, token), cancellationToken);
            news.Reader.TryRead(out _); // what came while the two found a common version
            return (new McpConnection(settings, timeProvider, news, carrier, client, router), null);
        }
        catch (Exception e)
        {
            fault = e is OperationCanceledException or TimeoutException ? null : await carrier.ExplainEndAsync();
            await carrier.CloseAsync();
            await carrier.DisposeAsync();
            if (fault is null)
            {
                throw;
            }

            return (null, fault);
        }
    }

    /// <summary>Waits until the tools may have changed or the server may be gone; both are found out by listing again.</summary>
    public Task WaitForNewsAsync(CancellationToken cancellationToken) => _news.Reader.ReadAsync(cancellationToken).AsTask();

    /// <summary>Lists the tools that may be offered.</summary>
    /// <exception cref="TimeoutException">The server did not answer.</exception>
    /// <exception cref="Exception">Of any kind: what the library throws at what servers say.</exception>
    public Task<McpListing> ListAsync(CancellationToken cancellationToken) =>
        WithinAsync(_settings.Timeout, _timeProvider, token => new McpToolLister(_client, _settings.Filter).ListAsync(token), cancellationToken);

    /// <summary>Calls a tool.</summary>
    public async Task<CallToolResult> CallAsync(string tool, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        var isAnswered = false;
        try
        {
            var answer = await WithinAsync(_settings.Timeout, _timeProvider, token => _caller.CallAsync(tool, arguments, progress, token), cancellationToken);
            isAnswered = true;
            return answer;
        }
        catch (McpProtocolException)
        {
            isAnswered = true;
            throw;
        }
        finally
        {
            if (!isAnswered)
            {
                _news.Writer.TryWrite(true); // it may hang, or be gone
            }
        }
    }

    /// <summary>Why the connection ended.</summary>
    /// <param name="lost">What was seen of it; <c>null</c>: only that it ended.</param>
    public async Task<string> ExplainEndAsync(Exception? lost)
    {
        if (lost is not (TimeoutException or OperationCanceledException) && await _carrier.ExplainEndAsync() is { } end)
        {
            return end;
        }

        lost ??= (await _client.Completion).Exception;
        return lost is null ? "the server closed the connection" : McpFaults.Describe(lost);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _carrier.CloseAsync();
        var closing = _client.DisposeAsync().AsTask();
        await closing.WaitAsync(_closeGrace, _timeProvider).ContinueWith(static _ => { }, TaskScheduler.Default); // a server that hangs is left; a fault says nothing new
        await _carrier.DisposeAsync();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static McpClientOptions CreateOptions(McpServerSettings settings, TimeProvider timeProvider, Channel<bool> news) => new()
    {
        ClientInfo = new Implementation { Name = "RouterGateway", Version = _version },
        InitializationTimeout = Timeout.InfiniteTimeSpan, // WithinAsync has the clock; of two that end together either might be told
        DiscoverProbeTimeout = settings.Timeout / 3 < _longestProbe ? settings.Timeout / 3 : _longestProbe, // older servers may not answer it at all
        TimeProvider = timeProvider,
        Handlers = new McpClientHandlers
        {
            NotificationHandlers =
            [
                new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                {
                    news.Writer.TryWrite(true);
                    return ValueTask.CompletedTask;
                }),
            ],
        },
    };

    /// <summary>Asks to be told of changes, and again whenever the server ends that.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _client.SendRequestAsync(
                    new JsonRpcRequest { Method = RequestMethods.SubscriptionsListen, Params = new JsonObject { ["notifications"] = new JsonObject { ["toolsListChanged"] = true } } }, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // whether the server is gone is found out by listing again
            }

            _news.Writer.TryWrite(true);
            await Task.Delay(_listenAgainAfter, _timeProvider, cancellationToken);
        }
    }

    /// <summary>Does what the library may not end in time, or at all, whatever token it has.</summary>
    private static async Task<TResult> WithinAsync<TResult>(TimeSpan timeout, TimeProvider timeProvider, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            return await work(either.Token).WaitAsync(either.Token);
        }
        catch (Exception) when (clock.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"did not answer within {timeout.TotalSeconds:0.###} s");
        }
    }
}
