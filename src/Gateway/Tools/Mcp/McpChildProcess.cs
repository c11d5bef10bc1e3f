using System.ComponentModel;
using System.Diagnostics;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>A server that is a child process and speaks over its standard streams.</summary>
/// <remarks>
/// Not the library's own transport: that one reads lines of any length from output and errors, and hostile programs have no end of them. The kernel
/// closes standard input when the gateway is killed, and MCP has servers end then; one that does not outlives the gateway.
/// </remarks>
internal sealed partial class McpChildProcess : IMcpCarrier
{
    private static readonly TimeSpan _stopGrace = TimeSpan.FromSeconds(2);

    // what programs need to run at all; all else of the gateway's environment may be secret
    private static readonly string[] _inherited = ["LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "WINDIR"];

    private readonly string _id;
    private readonly Process _process;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly McpChildErrors _errors;
    private readonly Task _reading;

    private McpChildProcess(string id, Process process, TimeProvider timeProvider, ILogger logger)
    {
        (_id, _process, _timeProvider, _logger) = (id, process, timeProvider, logger);
        _errors = new McpChildErrors(id, logger);
        _reading = _errors.ReadAsync(process.StandardError);
        Transport = new StreamClientTransport(
            process.StandardInput.BaseStream, new BoundedMessageStream(process.StandardOutput.BaseStream, McpConnection.MostMessageBytes, MessageEnd.Line), loggerFactory: null);
    }

    public IClientTransport Transport { get; }

    public bool NeedsChecks => false; // its end closes its output

    /// <summary>Starts the program.</summary>
    /// <returns>The process, or why there is none.</returns>
    public static (McpChildProcess? Child, string? Fault) Start(McpServerSettings settings, TimeProvider timeProvider, ILogger logger)
    {
        var start = CreateStartInfo(settings);
        foreach (var (name, credentials) in settings.Environment)
        {
            if (credentials.ReadSecret() is not { } value)
            {
                return (null, $"its environment variable {name} has no value: {credentials.SecretFile ?? credentials.EnvironmentVariable} is missing or empty");
            }

            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            process.Dispose();
            return (null, $"\"{settings.Command}\" could not be started: {e.Message}");
        }

        LogStarted(logger, settings.Id, process.Id);
        return (new McpChildProcess(settings.Id, process, timeProvider, logger), null);
    }

    /// <summary>Closing standard input asks it to end; one that does not is killed, with all that it started.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await _process.StandardInput.DisposeAsync();
        }
        catch (IOException)
        {
            // it ended before it read everything
        }

        using var grace = new CancellationTokenSource(_stopGrace, _timeProvider);
        try
        {
            await _process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            LogKilled(_logger, _id, _stopGrace.TotalSeconds);
            await KillAsync();
        }
    }

    public async Task<string?> ExplainEndAsync()
    {
        using var grace = new CancellationTokenSource(_stopGrace, _timeProvider);
        try
        {
            await _process.WaitForExitAsync(grace.Token);
            await _reading.WaitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            // it runs on, or something that it started does
        }

        return _process.HasExited ? $"its process ended with code {_process.ExitCode}" + (_errors.LastLine is { } line ? $"; its last line: {line}" : "") : null;
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task KillAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(_stopGrace, _timeProvider);
        }
        catch (Exception e) when (e is Win32Exception or AggregateException or InvalidOperationException or TimeoutException)
        {
            LogNotKilled(_logger, _id, e.Message);
        }
    }

    private static ProcessStartInfo CreateStartInfo(McpServerSettings settings)
    {
        var start = new ProcessStartInfo(settings.Command!, settings.Arguments) // given when there is no url
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = settings.Folder ?? "",
        };
        start.Environment.Clear();
        foreach (var (name, value) in StdioClientTransportOptions.GetDefaultEnvironmentVariables())
        {
            start.Environment[name] = value;
        }

        foreach (var name in _inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        return start;
    }

    [LoggerMessage(EventId = 1330, Level = LogLevel.Debug, Message = "MCP server {ServerId}: started process {ProcessId}")]
    private static partial void LogStarted(ILogger logger, string serverId, int processId);

    [LoggerMessage(EventId = 1333, Level = LogLevel.Error, Message = "MCP server {ServerId}: its process, or one of that process, could not be killed: {Fault}")]
    private static partial void LogNotKilled(ILogger logger, string serverId, string fault);

    [LoggerMessage(EventId = 1331, Level = LogLevel.Warning, Message = "MCP server {ServerId}: its process did not end within {Seconds} s and was killed")]
    private static partial void LogKilled(ILogger logger, string serverId, double seconds);
}
