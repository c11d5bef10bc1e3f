using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Router;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools.Mcp;

/// <summary>The MCP servers of <c>routes.json</c>: a link for each, started, restarted and stopped as the file changes.</summary>
internal sealed class McpServers : BackgroundService
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "RouterGateway.Gateway.Mcp";

    private readonly RouteTableMonitor _monitor;
    private readonly ToolRegistry _registry;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<McpServers> _logger;
    private readonly Meter _meter = new(MeterName);
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _stopping = [];

    public McpServers(RouteTableMonitor monitor, ToolRegistry registry, TimeProvider timeProvider, ILogger<McpServers> logger)
    {
        (_monitor, _registry, _timeProvider, _logger) = (monitor, registry, timeProvider, logger);
        _meter.CreateObservableGauge("gateway.mcp.servers.up", Observe, null, "1 while the tools of an MCP server are offered.");
    }

    /// <summary>How each server is, in the order of ids.</summary>
    public IReadOnlyList<McpServerStatus> Statuses => [.. _running.Values.Select(static running => running.Link.Status).OrderBy(static status => status.Id, StringComparer.Ordinal)];

    /// <summary>Calls a tool. Expected failures are results; throws only when cancelled.</summary>
    /// <param name="target">Which tool of which server.</param>
    /// <param name="arguments">By name.</param>
    /// <param name="progress">Told how far it is; <c>null</c>: nobody asks.</param>
    /// <param name="cancellationToken">Ends the call; the server is told.</param>
    public Task<ToolResult> CallAsync(McpTarget target, IReadOnlyDictionary<string, JsonElement> arguments, IProgress<ToolProgress>? progress, CancellationToken cancellationToken) =>
        _running.TryGetValue(target.Server, out var running)
            ? running.Link.CallAsync(target.Tool, arguments, progress, cancellationToken)
            : Task.FromResult(ToolResult.Broken($"There is no MCP server \"{target.Server}\"."));

    /// <summary>True when the operator lets the tool be offered to callers.</summary>
    public bool Offers(McpTarget target) => _running.TryGetValue(target.Server, out var running) && running.Link.Offers(target.Tool);

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = _monitor.GetChangeToken().RegisterChangeCallback(static state => ((TaskCompletionSource)state!).TrySetResult(), changed);
            Apply(_monitor.Current.Tools, stoppingToken);
            await changed.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll([.. _stopping, .. _running.Values.Select(static running => running.Task)]);
    }

    /// <summary>Stops what the file no longer names as it was, starts what is new; a server that stays as it was keeps its connection.</summary>
    private void Apply(ToolSettings tools, CancellationToken stoppingToken)
    {
        _stopping.RemoveWhere(static task => task.IsCompleted);
        var wanted = tools.McpServers.ToDictionary(static server => server.Id, server => (Server: server, Fingerprint: McpServerFingerprint.Of(server, tools)), StringComparer.Ordinal);
        foreach (var (id, running) in _running)
        {
            if (!wanted.TryGetValue(id, out var server) || server.Fingerprint != running.Fingerprint)
            {
                _running.TryRemove(id, out _);
                running.Link.Retire();
                _stopping.Add(running.StopAsync()); // a successor need not wait for it
            }
        }

        foreach (var (id, (server, fingerprint)) in wanted)
        {
            if (!_running.ContainsKey(id))
            {
                _running[id] = new Running(new McpServerLink(server, () => _monitor.Current.Tools, _registry, _timeProvider, _logger), fingerprint, stoppingToken);
            }
        }
    }

    private IEnumerable<Measurement<long>> Observe() =>
        _running.Values.Select(static running => new Measurement<long>(running.Link.Status.State == McpServerState.Ready ? 1 : 0, new KeyValuePair<string, object?>("server", running.Link.Status.Id)));

    private sealed class Running
    {
        private readonly CancellationTokenSource _stop;

        public Running(McpServerLink link, Digest fingerprint, CancellationToken stoppingToken)
        {
            (Link, Fingerprint) = (link, fingerprint);
            _stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            Task = link.RunAsync(_stop.Token);
        }

        public McpServerLink Link { get; }

        public Digest Fingerprint { get; }

        public Task Task { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task;
            _stop.Dispose();
        }
    }
}
