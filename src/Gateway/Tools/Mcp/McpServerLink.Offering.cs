using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>What the link offers, and how it tells of that.</summary>
internal sealed partial class McpServerLink
{
    private const int MostWarnings = 20; // for the tools of one list

    private long? _readyAt; // of the newest connection; null: it never got so far
    private string? _toldFault; // null: the last that was told is that it is ready

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
                registry.SetServerTools(settings.Id, definitions);
                _status = _status with { State = McpServerState.Ready, Tools = definitions.Count, Since = wasReady ? _status.Since : timeProvider.GetUtcNow() };
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
                registry.SetServerTools(settings.Id, []);
                _status = _status with { State = McpServerState.Lost, Tools = 0, Since = timeProvider.GetUtcNow() };
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
}
