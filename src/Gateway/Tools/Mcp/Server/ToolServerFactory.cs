using System.Reflection;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tools.Mcp.Server;

/// <summary>Makes the protocol's servers: one for each session, or for each request that stands alone.</summary>
internal sealed class ToolServerFactory(
    OfferedTools tools, ToolRunner runner, ToolListChanges changes, ToolServerMetrics metrics, IHostApplicationLifetime lifetime,
    TimeProvider timeProvider, IServiceProvider services, ILoggerFactory loggers)
{
    private static readonly Implementation _self = new()
    {
        Name = "router-gateway",
        Title = "RouterGateway",
        Version = typeof(ToolServerFactory).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
    };

    private readonly ILogger _logger = loggers.CreateLogger<ToolServer>();

    /// <param name="owner">Whose tools it offers.</param>
    /// <param name="seen">What its client knows of them.</param>
    /// <param name="transport">Where it hears and answers; the caller disposes of both.</param>
    public McpServer Create(string owner, SeenToolList seen, ITransport transport)
    {
        var server = new ToolServer(owner, seen, tools, runner, changes, metrics, timeProvider, _logger, lifetime.ApplicationStopping);
        var options = new McpServerOptions
        {
            ServerInfo = _self,
            ScopeRequests = false, // nothing that handlers use is scoped
            Capabilities = new ServerCapabilities
            {
                Tools = new ToolsCapability { ListChanged = true },
#pragma warning disable MCP9005 // deprecated by the newest revision, asked for by clients of all others; the library keeps the level
                Logging = new LoggingCapability(),
#pragma warning restore MCP9005
            },
            Handlers = new McpServerHandlers
            {
                ListToolsHandler = server.ListAsync,
                CallToolHandler = server.CallAsync,
                SubscriptionsListenHandler = server.ListenAsync,
            },
        };
        return McpServer.Create(transport, options, loggers, services);
    }
}
