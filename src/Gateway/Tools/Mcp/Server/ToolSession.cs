using ModelContextProtocol.Server;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>A session of an MCP client: from its <c>initialize</c> until it is deleted, or idle for too long.</summary>
internal sealed class ToolSession : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TimeProvider _timeProvider;
    private readonly Task _running;
    private readonly Lock _lock = new();
    private int _users;
    private long _leftAt;
    private bool _isClosed;

    /// <param name="id">Nobody can guess it.</param>
    /// <param name="owner">The only one it exists for.</param>
    /// <param name="seen">What the client knows of its tools.</param>
    /// <param name="servers">Make the protocol's side of it.</param>
    /// <param name="timeProvider">Tells how long it is idle.</param>
    /// <param name="loggers">For the transport.</param>
    public ToolSession(string id, string owner, SeenToolList seen, ToolServerFactory servers, TimeProvider timeProvider, ILoggerFactory loggers)
    {
        (Id, Owner, Seen, _timeProvider, _leftAt) = (id, owner, seen, timeProvider, timeProvider.GetTimestamp());
        Transport = new StreamableHttpServerTransport(loggers) { SessionId = id };
        Server = servers.Create(owner, seen, Transport);
        Ended = _ended.Token;
        _running = Server.RunAsync(Ended);
    }

    public string Id { get; }

    public string Owner { get; }

    public SeenToolList Seen { get; }

    public StreamableHttpServerTransport Transport { get; }

    public McpServer Server { get; }

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Begins a request in this session: it is not idle until <see cref="Leave"/>.</summary>
    /// <returns>False when the session has ended.</returns>
    public bool TryEnter()
    {
        lock (_lock)
        {
            _users += _isClosed ? 0 : 1;
            return !_isClosed;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _users--;
            _leftAt = _timeProvider.GetTimestamp();
        }
    }

    /// <summary>Closes the session if nobody used it for that long.</summary>
    public bool TryCloseIdle(TimeSpan idleTimeout)
    {
        lock (_lock)
        {
            return !_isClosed && (_isClosed = _users == 0 && _timeProvider.GetElapsedTime(_leftAt) >= idleTimeout);
        }
    }

    /// <summary>Ends the session: its requests, its streams and its server.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        await _ended.CancelAsync();
        await Transport.DisposeAsync();
        await Server.DisposeAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it ends by the token, whose exception says nothing new
        _ended.Dispose();
    }
}
