using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.EmbeddedBackends;

/// <summary>Says once, when everything answers, where the gateway is and what to try first.</summary>
internal sealed partial class ReadyAnnouncement(
    EmbeddedBackendSupervisor embedded, RouteTableMonitor monitor, PromptRouter router, IServer server, IHostApplicationLifetime lifetime, IOptions<HostOptions> hostOptions, ILogger<ReadyAnnouncement> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        embedded.AddressesChanged += Check;
        using var listening = lifetime.ApplicationStarted.Register(Check);
        lifetime.ApplicationStopping.Register(() => LogStopping(logger, hostOptions.Value.ShutdownTimeout.TotalSeconds));
        try
        {
            Check();
            await ready.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ready.Task.IsCompletedSuccessfully)
            {
                var addresses = string.Join(';', server.Features.Get<IServerAddressesFeature>()!.Addresses);
                LogReady(logger, addresses, monitor.Current.Routes.Length, router.ClassifierDevice);
            }
        }
        finally
        {
            embedded.AddressesChanged -= Check;
        }

        void Check()
        {
            var clusters = monitor.Current.ClustersById.Values.Where(static cluster => cluster.Embedded is not null);
            if (lifetime.ApplicationStarted.IsCancellationRequested && router.IsReady && clusters.All(cluster => embedded.GetAddress(cluster.Id) is not null))
            {
                ready.TrySetResult();
            }
        }
    }

    [LoggerMessage(EventId = 1221, Level = LogLevel.Information, Message = "Stopping: no new requests are taken, and those in flight have {Seconds:F0} s to end")]
    private static partial void LogStopping(ILogger logger, double seconds);

    [LoggerMessage(EventId = 1220, Level = LogLevel.Information, Message = "Ready on {Urls}: {RouteCount} routes, classifier on {Device}. Try: POST /v1/chat/completions, POST /v1/route, GET /readyz; Ctrl-C stops")]
    private static partial void LogReady(ILogger logger, string urls, int routeCount, string device);
}
