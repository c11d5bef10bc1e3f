using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using RouterGateway.Gateway.Errors;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>The sessions of MCP clients: so many at most, each for its owner alone.</summary>
internal sealed partial class ToolSessions(
    ToolServerFactory servers, OfferedTools tools, ToolServerMetrics metrics, IOptions<GatewayOptions> options, TimeProvider timeProvider,
    ILoggerFactory loggers, ILogger<ToolSessions> logger) : IAsyncDisposable
{
    /// <summary>How long a session stays without a request or an open stream.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(10);

    private const int IdBytes = 16;

    private readonly int _most = options.Value.MaxMcpSessions;
    private readonly int _mostPerOwner = options.Value.MaxMcpSessionsPerKey;
    private readonly ConcurrentDictionary<string, ToolSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perOwner = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private int _count;

    public int Count => _sessions.Count;

    /// <summary>Owners that have sessions.</summary>
    public int Owners
    {
        get
        {
            lock (_lock)
            {
                return _perOwner.Count;
            }
        }
    }

    /// <summary>Opens a session, entered by its first request; or says why not.</summary>
    public (ToolSession? Session, GatewayFailure? Failure) Open(string owner)
    {
        if (Reserve(owner) is { } failure)
        {
            return (null, failure);
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var session = new ToolSession(id, owner, new SeenToolList(tools.Signature(owner)), servers, timeProvider, loggers);
        session.TryEnter();
        _sessions[id] = session;
        metrics.SessionOpened();
        LogOpened(logger, Count);
        return (session, null);
    }

    /// <summary>Enters the session of an owner; another's looks as if there were none.</summary>
    public ToolSession? Enter(string id, string owner) =>
        _sessions.TryGetValue(id, out var session) && session.Owner == owner && session.TryEnter() ? session : null;

    public async ValueTask EndAsync(ToolSession session)
    {
        if (!_sessions.TryRemove(session.Id, out _))
        {
            return; // by another request, in this moment
        }

        Release(session.Owner);
        metrics.SessionEnded();
        await session.DisposeAsync();
        LogEnded(logger, Count);
    }

    public async Task EndIdleAsync()
    {
        foreach (var session in _sessions.Values.Where(static session => session.TryCloseIdle(IdleTimeout)))
        {
            await EndAsync(session);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
        {
            await EndAsync(session);
        }
    }

    private GatewayFailure? Reserve(string owner)
    {
        lock (_lock)
        {
            var ofOwner = _perOwner.GetValueOrDefault(owner);
            if (ofOwner >= _mostPerOwner)
            {
                return new GatewayFailure(GatewayError.TooManySessions, $"This key has {ofOwner} sessions, and may not have more. End some with DELETE {McpEndpoint.Path}; idle ones end after {IdleTimeout.TotalMinutes:0} minutes.");
            }

            if (_count >= _most)
            {
                return new GatewayFailure(GatewayError.SessionsExhausted, $"The gateway has {_count} sessions, and holds no more. Idle ones end after {IdleTimeout.TotalMinutes:0} minutes.");
            }

            (_perOwner[owner], _count) = (ofOwner + 1, _count + 1);
            return null;
        }
    }

    private void Release(string owner)
    {
        lock (_lock)
        {
            _count--;
            if (--_perOwner[owner] == 0)
            {
                _perOwner.Remove(owner);
            }
        }
    }

    [LoggerMessage(EventId = 1341, Level = LogLevel.Debug, Message = "An MCP client opened a session; there are {Sessions}")]
    private static partial void LogOpened(ILogger logger, int sessions);

    [LoggerMessage(EventId = 1342, Level = LogLevel.Debug, Message = "A session of an MCP client ended; there are {Sessions}")]
    private static partial void LogEnded(ILogger logger, int sessions);
}
