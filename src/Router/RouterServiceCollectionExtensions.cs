using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions.Cache;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Scoring;
using RouterGateway.Router.Sessions;
using RouterGateway.Router.Telemetry;

namespace RouterGateway.Router;

/// <summary>Registers the router.</summary>
public static class RouterServiceCollectionExtensions
{
    /// <summary>Key of the services that are the scorer's rather than the classifier's.</summary>
    internal const string ScorerKey = "scorer";

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
        services.TryAddSingleton(static provider => new TextEmbedder(
            provider.GetRequiredService<IPromptClassifier>(), provider.GetRequiredService<ClassificationQueue>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddKeyedSingleton<IPromptClassifier>(ScorerKey, static (provider, _) => new RouteScorer(provider.GetRequiredService<ILogger<RouteScorer>>()));
        services.TryAddKeyedSingleton(ScorerKey, static (provider, _) => new ClassificationQueue(
            provider.GetRequiredKeyedService<IPromptClassifier>(ScorerKey),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ClassificationQueue>>(),
            RouteScorer.Threads,
            ScorerKey));
        services.TryAddSingleton(static provider => new RouteTableMonitor(
            provider.GetRequiredService<IOptions<RouterOptions>>(),
            provider.GetRequiredService<IPromptClassifier>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RouteTableMonitor>>(),
            provider.GetRequiredKeyedService<IPromptClassifier>(ScorerKey)));
        services.TryAddSingleton(static provider => new PromptRouter(
            provider.GetRequiredService<RouteTableMonitor>(),
            provider.GetRequiredService<IPromptClassifier>(),
            provider.GetRequiredService<ClassificationQueue>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<PromptRouter>>(),
            provider.GetRequiredKeyedService<IPromptClassifier>(ScorerKey),
            provider.GetRequiredKeyedService<ClassificationQueue>(ScorerKey),
            provider.GetRequiredService<IOptions<RouterOptions>>().Value.Remembers ? provider.GetRequiredService<DecisionCache>() : null));
        services.TryAddSingleton<RedisStore>();
        services.TryAddSingleton(static provider => new SharedTable(provider.GetRequiredService<RedisStore>()));
        services.TryAddSingleton<SessionStore>();
        services.TryAddSingleton(static provider => new DecisionCache(
            provider.GetRequiredService<RouteTableMonitor>(),
            provider.GetRequiredService<RedisStore>(),
            provider.GetRequiredService<SessionStore>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new ReceiptLog(provider.GetRequiredService<RouteTableMonitor>(), provider.GetRequiredService<RedisStore>()));
        services.TryAddSingleton(static provider => new CandidateReplay(provider.GetRequiredService<ReceiptLog>(), provider.GetRequiredService<RouteTableMonitor>()));
        services.TryAddSingleton(static provider => new RouterMetrics(
            provider.GetRequiredService<RouteTableMonitor>(),
            provider.GetRequiredService<DecisionCache>(),
            provider.GetRequiredService<ClassificationQueue>(),
            provider.GetRequiredKeyedService<ClassificationQueue>(ScorerKey)));
        services.AddHostedService(static provider => provider.GetRequiredService<RouteTableMonitor>());
        services.AddHostedService(static provider => provider.GetRequiredService<DecisionCache>()); // after the monitor, whose table it follows
        return services;
    }
}
