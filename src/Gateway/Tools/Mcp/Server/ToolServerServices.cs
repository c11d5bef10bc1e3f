namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Adds the registry of tools as an MCP server.</summary>
internal static class ToolServerServices
{
    public static IServiceCollection AddToolServer(this IServiceCollection services)
    {
        services.AddSingleton<OfferedTools>();
        services.AddSingleton<ToolListChanges>();
        services.AddSingleton<ToolServerMetrics>();
        services.AddSingleton<ToolServerFactory>();
        services.AddSingleton<ToolSessions>();
        services.AddHostedService<IdleSessionSweeper>();
        services.AddSingleton<McpEndpoint>();
        return services;
    }
}
