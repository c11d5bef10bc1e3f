using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router;

/// <summary>Registers the router.</summary>
public static class RouterServiceCollectionExtensions
{
    /// <summary>Adds <see cref="PromptRouter"/> and the <see cref="RouteTableMonitor"/>, which loads the routes file when the host starts.</summary>
    public static IServiceCollection AddPromptRouter(this IServiceCollection services, Action<RouterOptions> configure)
    {
        services.AddOptions<RouterOptions>()
            .Configure(configure)
            .Validate(static options => !string.IsNullOrWhiteSpace(options.RoutesFile), "RoutesFile must name a file.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IPromptClassifier>(static provider => new GemmaPromptClassifier(provider.GetRequiredService<ILogger<GemmaPromptClassifier>>()));
        services.TryAddSingleton<ClassificationQueue>();
        services.TryAddSingleton(static provider => new RouteTableMonitor(
            provider.GetRequiredService<IOptions<RouterOptions>>(),
            provider.GetRequiredService<IPromptClassifier>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RouteTableMonitor>>()));
        services.TryAddSingleton(static provider => new PromptRouter(
            provider.GetRequiredService<RouteTableMonitor>(),
            provider.GetRequiredService<IPromptClassifier>(),
            provider.GetRequiredService<ClassificationQueue>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService(static provider => provider.GetRequiredService<RouteTableMonitor>());
        return services;
    }
}
