using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>One configured server: connects to it, offers its tools while it is there, and connects again when it was lost.</summary>
internal sealed partial class McpServerLink(McpServerSettings settings, Func<ToolSettings> tools, ToolRegistry registry, TimeProvider timeProvider, ILogger logger)
{
    private static readonly TimeSpan _firstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stableAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _checkEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _debounce = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _betweenLists = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private volatile McpConnection? _connection;
    private volatile McpServerStatus _status = new(settings.Id, McpServerState.Connecting, 0, null, timeProvider.GetUtcNow());
    private bool _isRetired;

    public McpServerStatus Status => _status;

    /// <summary>True when the operator lets this tool of the server be offered.</summary>
    public bool Offers(string tool) => settings.Filter.Allows(tool);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield(); // starting a process or reading a secret from a slow folder holds up nobody else
        var delay = _firstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            var fault = await ServeAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            delay = Lose(fault) > _stableAfter ? _firstDelay : delay; // one that is lost as soon as it is there is not asked again and again
            var jittered = delay * (1 + (Random.Shared.NextDouble() / 4)); // gateways that lost the same server do not come back at once
            await Task.Delay(jittered, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < _longestDelay ? delay * 2 : _longestDelay;
        }
    }

    /// <summary>Takes the tools away and offers none any more; a successor of the same id may offer its own from then on.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
            _connection = null;
            registry.SetServerTools(settings.Id, []);
        }
    }

    public async Task<ToolResult> CallAsync(string tool, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return ToolResult.Broken($"The MCP server \"{settings.Id}\" is not connected at the moment.");
        }

        try
        {
            return McpCallResult.Create(await connection.CallAsync(tool, arguments, progress, cancellationToken), tools().MaxResultBytes);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && McpFaults.ToResult(settings.Id, e) is not null)
        {
            var fault = McpFaults.Describe(e);
            LogCallFailed(logger, settings.Id, fault);
            return McpFaults.ToResult(settings.Id, e)!; // the filter checked
        }
    }

    /// <summary>One connection from its start to its loss.</summary>
    /// <returns>Why it was lost.</returns>
    private async Task<string> ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (connection, fault) = await McpConnection.OpenAsync(settings, tools(), timeProvider, logger, cancellationToken);
            if (connection is null)
            {
                return fault!; // one of the two
            }

            await using (connection)
            {
                var lost = await WatchAsync(connection, cancellationToken);
                Withdraw(); // before its end is looked into and it is closed, which may take a while
                return await connection.ExplainEndAsync(lost);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return "stopped";
        }
        catch (Exception e)
        {
            return McpFaults.Describe(e); // whatever it was: the link goes on
        }
    }

    /// <summary>Offers the tools of a connection for as long as it works.</summary>
    /// <returns>What went wrong; <c>null</c>: the connection has ended.</returns>
    private async Task<Exception?> WatchAsync(McpConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await OfferAsync(connection, cancellationToken);
            return null;
        }
        catch (Exception e)
        {
            return e; // whatever a server brings the library to throw
        }
    }

    private async Task OfferAsync(McpConnection connection, CancellationToken cancellationToken)
    {
        Digest? offered = null;
        while (!connection.Closed.IsCompleted)
        {
            var listing = await connection.ListAsync(cancellationToken);
            var listed = timeProvider.GetTimestamp();
            if (listing.Digest != offered)
            {
                Offer(connection, listing);
                offered = listing.Digest;
            }

            await WaitAsync(connection, cancellationToken);
            var wait = _betweenLists - timeProvider.GetElapsedTime(listed);
            await Task.WhenAny(connection.Closed, Task.Delay(wait > _debounce ? wait : _debounce, timeProvider, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task WaitAsync(McpConnection connection, CancellationToken cancellationToken)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var due = Task.Delay(connection.NeedsChecks ? _checkEvery : Timeout.InfiniteTimeSpan, timeProvider, pause.Token);
        await Task.WhenAny(connection.Closed, connection.WaitForNewsAsync(pause.Token), due);
        await pause.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(EventId = 1324, Level = LogLevel.Debug, Message = "MCP server {ServerId}: a call failed: {Fault}")]
    private static partial void LogCallFailed(ILogger logger, string serverId, string fault);
}
