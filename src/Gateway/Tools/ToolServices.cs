using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Gateway.Tools.Requests;
using RouterGateway.Gateway.Tools.Rounds;
using RouterGateway.Gateway.Tools.Selection;

namespace RouterGateway.Gateway.Tools;

/// <summary>Adds the registry of tools and all that uses it.</summary>
internal static class ToolServices
{
    public static IServiceCollection AddTools(this IServiceCollection services)
    {
        services.AddSingleton<ToolRegistry>();
        services.AddSingleton<ToolRegistrations>();
        services.AddHostedService(static provider => provider.GetRequiredService<ToolRegistrations>());
        services.AddSingleton<HttpToolClient>();
        services.AddSingleton<McpServers>();
        services.AddHostedService(static provider => provider.GetRequiredService<McpServers>());
        services.AddSingleton<ToolFunctionFactory>();
        services.AddSingleton<ToolHealth>();
        services.AddSingleton<ToolMetrics>();
        services.AddSingleton<ToolRunner>();
        services.AddSingleton<ToolIndex>();
        services.AddHostedService(static provider => provider.GetRequiredService<ToolIndex>());
        services.AddSingleton<ToolSelector>();
        services.AddSingleton<ToolPolicy>();
        services.AddSingleton<ToolChooser>();
        services.AddSingleton<PausedLoops>();
        services.AddSingleton<ToolLoop>();
        return services;
    }
}
