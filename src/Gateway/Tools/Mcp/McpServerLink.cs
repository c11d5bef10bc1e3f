using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>One configured server: connects to it, offers its tools while it is there, and connects again when it was lost.</summary>
internal sealed partial class McpServerLink(McpServerSettings settings, Func<ToolSettings> tools, ToolRegistry registry, TimeProvider timeProvider, ILogger logger)
{
    private const int MostWarnings = 20; // for the tools of one list

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
    private long? _readyAt; // of the newest connection; null: it never got so far
    private string? _toldFault; // null: the last that was told is that it is ready

    public McpServerStatus Status => _status;

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

    private void Offer(McpConnection connection, McpListing listing)
    {
        var skipped = listing.Skipped.ToList();
        var definitions = McpToolDefinitions.Create(settings.Id, listing.Tools, (tool, reason) => skipped.Add((tool, reason)));
        foreach (var (tool, reason) in skipped.Take(MostWarnings))
        {
            LogSkipped(logger, settings.Id, McpFaults.Cut(tool), McpFaults.Cut(reason));
        }

        var wasReady = Publish(connection, definitions);
        if (wasReady)
        {
            LogChanged(logger, settings.Id, definitions.Count, skipped.Count);
        }
        else
        {
            LogReady(logger, settings.Id, definitions.Count, skipped.Count);
        }
    }

    private bool Publish(McpConnection connection, List<ToolDefinition> definitions)
    {
        lock (_lock)
        {
            var wasReady = _status.State == McpServerState.Ready;
            if (!_isRetired)
            {
                _connection = connection;
                _readyAt ??= timeProvider.GetTimestamp();
                _toldFault = null;
                _status = _status with { State = McpServerState.Ready, Tools = definitions.Count, Since = wasReady ? _status.Since : timeProvider.GetUtcNow() };
                registry.SetServerTools(settings.Id, definitions);
            }

            return wasReady;
        }
    }

    private void Withdraw()
    {
        lock (_lock)
        {
            if (!_isRetired && _connection is not null)
            {
                _connection = null;
                _status = _status with { State = McpServerState.Lost, Tools = 0, Since = timeProvider.GetUtcNow() };
                registry.SetServerTools(settings.Id, []);
            }
        }
    }

    /// <returns>How long it had been ready; zero: not at all.</returns>
    private TimeSpan Lose(string fault)
    {
        var wasReadyFor = _readyAt is { } readyAt ? timeProvider.GetElapsedTime(readyAt) : TimeSpan.Zero;
        var before = _status;
        _status = before with { State = McpServerState.Lost, LastError = fault, Since = before.State == McpServerState.Lost ? before.Since : timeProvider.GetUtcNow() };
        if (_toldFault != fault)
        {
            LogLost(logger, settings.Id, fault);
        }

        (_readyAt, _toldFault) = (null, fault);
        return wasReadyFor;
    }

    [LoggerMessage(EventId = 1320, Level = LogLevel.Information, Message = "MCP server {ServerId}: ready with {Tools} tools; {Skipped} left out")]
    private static partial void LogReady(ILogger logger, string serverId, int tools, int skipped);

    [LoggerMessage(EventId = 1321, Level = LogLevel.Warning, Message = "MCP server {ServerId}: lost, its tools are not offered; it is tried again. {Fault}")]
    private static partial void LogLost(ILogger logger, string serverId, string fault);

    [LoggerMessage(EventId = 1322, Level = LogLevel.Information, Message = "MCP server {ServerId}: its list changed to {Tools} tools; {Skipped} left out")]
    private static partial void LogChanged(ILogger logger, string serverId, int tools, int skipped);

    [LoggerMessage(EventId = 1323, Level = LogLevel.Warning, Message = "MCP server {ServerId}: its tool \"{Tool}\" is left out: {Reason}")]
    private static partial void LogSkipped(ILogger logger, string serverId, string tool, string reason);

    [LoggerMessage(EventId = 1324, Level = LogLevel.Debug, Message = "MCP server {ServerId}: a call failed: {Fault}")]
    private static partial void LogCallFailed(ILogger logger, string serverId, string fault);
}
