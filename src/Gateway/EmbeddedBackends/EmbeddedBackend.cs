using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.EmbeddedBackends;

/// <summary>One embedded cluster: this program's <c>inference</c> verb in a child process, started again whenever it ends.</summary>
/// <remarks>
/// A process of its own, so that a crash of native code costs the requests in flight and nothing else. The child ends itself when
/// its standard input closes, which the kernel does even when the gateway is killed: no orphan keeps a GPU.
/// </remarks>
internal sealed partial class EmbeddedBackend(
    string clusterId, EmbeddedModel model, string? servedName, IReadOnlyList<string> command, Action addressChanged, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>Name of the one destination of an embedded cluster.</summary>
    public const string DestinationId = "embedded";

    private const string ListeningPrefix = "listening on ";
    private const int BadModelExitCode = 2; // InferenceServer.RunAsync

    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _stopGrace = TimeSpan.FromSeconds(30);

    private volatile Uri? _address;
    private volatile string? _lastError;

    public string ClusterId => clusterId;

    public EmbeddedModel Model => model;

    /// <summary>The model name that it answers to; <c>null</c>: its folder's.</summary>
    public string? ServedName => servedName;

    public EmbeddedBackendState State { get; private set; } = EmbeddedBackendState.Starting;

    /// <summary>Where it answers; <c>null</c> while it does not.</summary>
    public Uri? Address => _address;

    /// <summary>The last words of a child that failed; <c>null</c> when none has.</summary>
    public string? LastError => _lastError;

    /// <summary>Process id of the running child; <c>null</c> between two.</summary>
    public int? ProcessId { get; private set; }

    public int Restarts { get; private set; }

    /// <summary>Where its model runs (<c>cpu</c>, <c>cuda</c>); <c>null</c> until it said so.</summary>
    public string? Device { get; private set; }

    /// <summary>Runs the child until cancelled, then lets it finish its requests.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = _firstDelay;
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = timeProvider.GetTimestamp();
            State = EmbeddedBackendState.Starting;
            var exitCode = await RunOnceAsync(cancellationToken);
            SetAddress(null);
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }

            // a child that ran for a while crashed on a request; one that did not is likely to fail at once again
            delay = timeProvider.GetElapsedTime(started) > TimeSpan.FromSeconds(10) ? _firstDelay : delay;
            State = exitCode == BadModelExitCode ? EmbeddedBackendState.Failed : EmbeddedBackendState.Restarting;
            delay = exitCode == BadModelExitCode ? _longestDelay : delay;
            LogEnded(logger, clusterId, exitCode, delay.TotalSeconds, _lastError);
            Restarts++;
            await Task.Delay(delay, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _longestDelay.Ticks));
        }

        State = EmbeddedBackendState.Stopped;
    }

    /// <returns>The child's exit code; -1 when it could not be started.</returns>
    private async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = CreateStartInfo() };
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            _lastError = $"\"{command[0]}\" could not be started: {e.Message}";
            return -1;
        }

        ProcessId = process.Id;
        LogStarted(logger, clusterId, process.Id, model.ModelFolder);
        var output = ReadOutputAsync(process.StandardOutput);
        var errors = ReadErrorsAsync(process.StandardError);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
        }

        await Task.WhenAll(output, errors);
        ProcessId = null;
        return process.ExitCode;
    }

    private ProcessStartInfo CreateStartInfo()
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            .. command.Skip(1), "inference", model.ModelFolder, "--urls", "http://127.0.0.1:0",
            "--kv-cache", model.KvCache, "--device", model.Device, "--exit-with-parent", "--chat-only",
            .. Option("--name", servedName),
            .. Option("--max-sequences", model.MaxSequences),
            .. Option("--max-queue", model.MaxQueue),
            .. Option("--queue-timeout", model.QueueTimeout),
            .. Option("--kv-pool-bytes", model.KvPoolBytes),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;

        static string[] Option(string name, object? value) => value is null ? [] : [name, string.Create(CultureInfo.InvariantCulture, $"{value}")];
    }

    private async Task ReadOutputAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(ListeningPrefix, StringComparison.Ordinal) && Uri.TryCreate(line[ListeningPrefix.Length..], UriKind.Absolute, out var address))
            {
                Device = await ReadDeviceAsync(address);
                State = EmbeddedBackendState.Ready;
                _lastError = null;
                LogReady(logger, clusterId, address, Device);
                SetAddress(address);
            }
        }
    }

    private static async Task<string?> ReadDeviceAsync(Uri address)
    {
        try
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            using var document = JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(address, "readyz")));
            return document.RootElement.TryGetProperty("device"u8, out var device) ? device.GetString() : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            return null; // only for show: whether it answers is the proxy's to find out
        }
    }

    private async Task ReadErrorsAsync(StreamReader errors)
    {
        while (await errors.ReadLineAsync() is { } line)
        {
            if (line.Length > 0)
            {
                _lastError = line;
                LogChild(logger, clusterId, line);
            }
        }
    }

    /// <summary>Closing standard input asks the child to drain; one that does not is killed.</summary>
    private async Task StopAsync(Process process)
    {
        SetAddress(null);
        process.StandardInput.Close();
        using var grace = new CancellationTokenSource(_stopGrace, timeProvider);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            LogKilled(logger, clusterId, _stopGrace.TotalSeconds);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private void SetAddress(Uri? address)
    {
        if (_address != address)
        {
            _address = address;
            addressChanged();
        }
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Information, Message = "Cluster {ClusterId}: starting process {ProcessId} for {ModelFolder}")]
    private static partial void LogStarted(ILogger logger, string clusterId, int processId, string modelFolder);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Information, Message = "Cluster {ClusterId}: ready on {Address}, model on {Device}")]
    private static partial void LogReady(ILogger logger, string clusterId, Uri address, string? device);

    [LoggerMessage(EventId = 1203, Level = LogLevel.Error, Message = "Cluster {ClusterId}: its process ended with code {ExitCode}; next start in {DelaySeconds} s. Last line: {LastLine}")]
    private static partial void LogEnded(ILogger logger, string clusterId, int exitCode, double delaySeconds, string? lastLine);

    [LoggerMessage(EventId = 1204, Level = LogLevel.Information, Message = "Cluster {ClusterId}: {Line}")]
    private static partial void LogChild(ILogger logger, string clusterId, string line);

    [LoggerMessage(EventId = 1205, Level = LogLevel.Warning, Message = "Cluster {ClusterId}: its process did not end within {Seconds} s and was killed")]
    private static partial void LogKilled(ILogger logger, string clusterId, double seconds);
}
