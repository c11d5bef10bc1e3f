using Microsoft.Extensions.DependencyInjection;

namespace RouterGateway.Router;

/// <summary>Registers the router.</summary>
public static class RouterServiceCollectionExtensions
{
    /// <summary>Adds <see cref="PromptRouter"/> and the <see cref="Routes.RouteTableMonitor"/>, which loads the routes file when the host starts.</summary>
    public static IServiceCollection AddPromptRouter(this IServiceCollection services, Action<RouterOptions> configure) => throw new NotImplementedException();
}
