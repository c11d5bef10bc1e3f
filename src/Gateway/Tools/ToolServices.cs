using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Gateway.Tools.Mcp;

namespace RouterGateway.Gateway.Tools;

/// <summary>Adds the registry of tools and all that uses it.</summary>
internal static class ToolServices
{
    public static IServiceCollection AddTools(this IServiceCollection services)
    {
        services.AddSingleton<ToolRegistry>();
        services.AddSingleton<HttpToolClient>();
        services.AddSingleton<McpServers>();
        services.AddHostedService(static provider => provider.GetRequiredService<McpServers>());
        services.AddSingleton<ToolFunctionFactory>();
        services.AddSingleton<ToolHealth>();
        services.AddSingleton<ToolRunner>();
        return services;
    }
}
