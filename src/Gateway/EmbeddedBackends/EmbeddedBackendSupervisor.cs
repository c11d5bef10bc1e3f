using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.EmbeddedBackends;

/// <summary>Keeps one child process for every embedded cluster of the running route table.</summary>
internal sealed partial class EmbeddedBackendSupervisor(
    RouteTableMonitor monitor, IOptions<GatewayOptions> options, TimeProvider timeProvider, ILogger<EmbeddedBackendSupervisor> logger)
    : BackgroundService
{
    private readonly ConcurrentDictionary<string, Running> _running = new();
    private readonly ConcurrentBag<Task> _stopping = [];
    private readonly IReadOnlyList<string> _command = options.Value.InferenceCommand ?? OwnCommand();

    /// <summary>A child came up on a new address, or went away.</summary>
    public event Action? AddressesChanged;

    public IEnumerable<EmbeddedBackend> Backends => _running.Values.Select(static running => running.Backend);

    public Uri? GetAddress(string clusterId) => _running.TryGetValue(clusterId, out var running) ? running.Backend.Address : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = monitor.GetChangeToken().RegisterChangeCallback(static state => ((TaskCompletionSource)state!).TrySetResult(), changed);
            Apply(monitor.Current, stoppingToken);
            await changed.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll([.. _stopping, .. _running.Values.Select(static running => running.Task)]);
    }

    /// <summary>Stops what the table no longer names, starts what is new; a cluster that stays as it was keeps its process.</summary>
    private void Apply(RouteTable table, CancellationToken stoppingToken)
    {
        foreach (var (id, running) in _running)
        {
            var cluster = table.ClustersById.GetValueOrDefault(id);
            if (cluster?.Embedded != running.Backend.Model || cluster.Model != running.Backend.ServedName)
            {
                LogStopping(logger, id);
                _running.TryRemove(id, out _);
                _stopping.Add(running.StopAsync()); // a successor need not wait for its last requests
            }
        }

        foreach (var cluster in table.ClustersById.Values)
        {
            if (cluster.Embedded is { } model && !_running.ContainsKey(cluster.Id))
            {
                _running[cluster.Id] = new Running(
                    new EmbeddedBackend(cluster.Id, model, cluster.Model, _command, () => AddressesChanged?.Invoke(), timeProvider, logger), stoppingToken);
            }
        }
    }

    /// <summary>This program's own command line without its verb: a native host, or <c>dotnet</c> and the assembly.</summary>
    private static string[] OwnCommand()
    {
        var host = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [host, typeof(EmbeddedBackendSupervisor).Assembly.Location]
            : [host];
    }

    [LoggerMessage(EventId = 1210, Level = LogLevel.Information, Message = "Cluster {ClusterId}: no longer in routes.json as it was; its process finishes its requests and ends")]
    private static partial void LogStopping(ILogger logger, string clusterId);

    private sealed class Running
    {
        private readonly CancellationTokenSource _stop;

        public Running(EmbeddedBackend backend, CancellationToken stoppingToken)
        {
            Backend = backend;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task = backend.RunAsync(_stop.Token);
        }

        public EmbeddedBackend Backend { get; }

        public Task Task { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task;
            _stop.Dispose();
        }
    }
}
