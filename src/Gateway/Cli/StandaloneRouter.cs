using Microsoft.Extensions.Logging.Console;
using RouterGateway.Router;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>The router without a gateway around it, for commands that only ask it.</summary>
internal sealed class StandaloneRouter : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private StandaloneRouter(ServiceProvider services) => _services = services;

    public PromptRouter Router => _services.GetRequiredService<PromptRouter>();

    public TextEmbedder Embedder => _services.GetRequiredService<TextEmbedder>();

    public RouteTable Table => _services.GetRequiredService<RouteTableMonitor>().Current;

    /// <summary>Loads the routes file and its model.</summary>
    /// <param name="routesFile">The routes file.</param>
    /// <param name="text">What is classified, by its name in <c>router.text</c>; <c>null</c>: as the file says.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <param name="remembers">Whether it remembers decisions and conversations: in memory only, whatever the file says.</param>
    /// <returns>The router, or <c>null</c> after every fault was written to standard error.</returns>
    public static async Task<StandaloneRouter?> LoadAsync(string routesFile, string? text, CancellationToken cancellationToken, bool remembers = false)
    {
        var services = new ServiceCollection();
        services.AddLogging(static logging => logging
            .SetMinimumLevel(LogLevel.Warning)
            .AddSimpleConsole(static console => console.SingleLine = true)
            .Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)); // standard output is the command's
        services.AddPromptRouter(options => (options.RoutesFile, options.Text, options.Remembers) = (routesFile, TextScopeNames.Find(text), remembers));
        var router = new StandaloneRouter(services.BuildServiceProvider());
        var monitor = router._services.GetRequiredService<RouteTableMonitor>();
        if (await monitor.ReloadAsync(cancellationToken))
        {
            return router;
        }

        await ValidateCommand.WriteFaultsAsync(monitor.LastFaults);
        await router.DisposeAsync();
        return null;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
