using RouterGateway.Gateway.Admin;
using RouterGateway.Gateway.Decisions;
using RouterGateway.Gateway.EmbeddedBackends;
using RouterGateway.Gateway.Endpoints;
using RouterGateway.Gateway.Errors;
using RouterGateway.Gateway.Proxy;
using RouterGateway.Gateway.Telemetry;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Api;
using RouterGateway.Gateway.Tools.Mcp.Server;
using RouterGateway.Router;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Telemetry;
using Yarp.ReverseProxy.Configuration;

namespace RouterGateway.Gateway;

/// <summary>Puts the gateway together: configure, add, map.</summary>
public static class GatewayApplication
{
    /// <summary>Builds the gateway: its route table is loaded, but it does not listen yet.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="configure">Last changes to the host, such as other logging; <c>null</c>: none.</param>
    /// <exception cref="RouteTableException">The routes file has faults.</exception>
    public static async Task<WebApplication> BuildAsync(GatewayOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls(options.Urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // RequestBody bounds what is kept. Kestrel's own limit would cut the connection instead of draining a body that is
            // refused, and a client that is still sending would never see the 413.
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Yarp", LogLevel.Error)
            .AddFilter("ModelContextProtocol", LogLevel.Error) // its warnings are the clients' faults; its spans and metrics say the rest
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // an address in use is told in one line, by ServeCommand
        Add(builder.Services, options);
        configure?.Invoke(builder);

        var app = builder.Build();
        var monitor = app.Services.GetRequiredService<RouteTableMonitor>();
        if (!await monitor.ReloadAsync()) // YARP takes its first configuration while the endpoints are mapped
        {
            await app.DisposeAsync();
            throw new RouteTableException([.. monitor.LastFaults]);
        }

        Map(app);
        return app;
    }

    private static void Add(IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(Microsoft.Extensions.Options.Options.Create(options));
        services.AddSingleton(TimeProvider.System);
        services.AddRequestDecompression();
        services.AddPromptRouter(router => router.RoutesFile = options.RoutesFile);
        services.AddSingleton<EmbeddedBackendSupervisor>();
        services.AddHostedService(static provider => provider.GetRequiredService<EmbeddedBackendSupervisor>());
        services.AddHostedService<ReadyAnnouncement>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<GatewayMetrics>();
        services.AddTools();
        services.AddToolServer();
        services.AddSingleton<RequestPipeline>();
        services.AddSingleton<IProxyConfigProvider, RouteTableConfigProvider>();
        services.AddReverseProxy()
            .AddTransforms(BackendTransforms.Add)
            .ConfigureHttpClient(BackendTransforms.ConfigureHandler);
    }

    private static void Map(WebApplication app)
    {
        _ = app.Services.GetRequiredService<PrometheusExporter>(); // listens from the first measurement on
        _ = app.Services.GetRequiredService<RouterMetrics>();
        var pipeline = app.Services.GetRequiredService<RequestPipeline>();
        app.UseMiddleware<DecisionHeaders>();
        app.UseMiddleware<ErrorBoundary>();
        app.UseMiddleware<AdminGuard>();
        app.UseRequestDecompression();
        HealthEndpoints.Map(app);
        ModelsEndpoint.Map(app);
        DryRunEndpoint.Map(app);
        ToolEndpoints.Map(app);
        ReceiptEndpoints.Map(app);
        CacheEndpoints.Map(app);
        McpEndpoint.Map(app);
        app.MapReverseProxy(proxy =>
        {
            proxy.Use(pipeline.InvokeAsync);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }
}
