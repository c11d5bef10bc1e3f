using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>A gateway in this process whose routes file names MCP servers.</summary>
internal sealed class McpGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;

    private McpGateway(WebApplication app, DirectoryInfo folder) => (_app, _folder) = (app, folder);

    public McpServers Servers => _app.Services.GetRequiredService<McpServers>();

    public ToolRegistry Registry => _app.Services.GetRequiredService<ToolRegistry>();

    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public IReadOnlyList<string> Names => [.. Registry.Current.For("anybody").Tools.Select(static tool => tool.Name)];

    /// <param name="servers">The members of <c>tools.mcpServers</c>.</param>
    /// <param name="more">Other members of <c>tools</c>, each with a comma after it.</param>
    public static async Task<McpGateway> StartAsync(string servers, string more = "")
    {
        var folder = Directory.CreateTempSubdirectory("gateway-mcp-");
        var file = Path.Combine(folder.FullName, "routes.json");
        await File.WriteAllTextAsync(file, RoutesJson(servers, more));
        var app = await GatewayApplication.BuildAsync(new GatewayOptions { RoutesFile = file, Urls = "http://127.0.0.1:0" }, static builder => builder.Logging.ClearProviders());
        await app.StartAsync();
        return new McpGateway(app, folder);
    }

    public McpServerStatus Status(string id) => Servers.Statuses.Single(status => status.Id == id);

    public Task StateAsync(string id, McpServerState state) =>
        Eventually.TrueAsync(() => Servers.Statuses.SingleOrDefault(status => status.Id == id)?.State == state, $"{id} is {state}; {Servers.Statuses.SingleOrDefault(status => status.Id == id)}");

    public Task NamesAsync(params string[] names) => Eventually.TrueAsync(() => Names.SequenceEqual(names), $"tools {string.Join(',', names)}");

    public async Task ReloadAsync(string servers, string more = "")
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "routes.json"), RoutesJson(servers, more));
        Assert.True(await _app.Services.GetRequiredService<RouteTableMonitor>().ReloadAsync());
    }

    public Task<ToolResult> CallAsync(string server, string tool, string arguments = "{}", IProgress<ToolProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Servers.CallAsync(
            new McpTarget(server, tool),
            JsonElement.Parse(arguments).EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value.Clone()), progress, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string RoutesJson(string servers, string more) =>
        GatewayHost.RoutesJson(GatewayHost.Cluster("main", "http://127.0.0.1:9"), tools: $$"""{{more}} "mcpServers": { {{servers}} }""");
}
