using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools.Http;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Tests.Tools.Http;

public sealed class HttpToolClientReloadTests
{
    [Fact]
    public async Task Call_RoutesFileOpensAndClosesAnAddress_CountsAtOnce()
    {
        // arrange
        await using var server = await ToolServer.StartAsync("there", "text/plain");
        var target = TestHttpTools.Target($"http://localhost:{server.Port}/");
        IServiceProvider? services = null;
        await using var gateway = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), services: collection => collection.AddHostedService(provider =>
        {
            services = provider;
            return new Nothing();
        }));
        var client = services!.GetRequiredService<HttpToolClient>();
        var written = await File.ReadAllTextAsync(gateway.RoutesFile);

        // act
        var closed = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);
        await ReloadAsync(gateway, services!, written.Insert(written.IndexOf('{', StringComparison.Ordinal) + 1, """ "tools": { "network": { "allow": ["127.0.0.0/8", "::1"] } }, """));
        var open = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);
        await ReloadAsync(gateway, services!, written);
        var closedAgain = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);

        // assert
        Assert.True(closed.IsToolFault);
        Assert.Equal("there", open.Text);
        Assert.True(closedAgain.IsToolFault);
        Assert.Single(server.Requests);
    }

    private static async Task ReloadAsync(GatewayHost gateway, IServiceProvider services, string routes)
    {
        await File.WriteAllTextAsync(gateway.RoutesFile, routes);
        Assert.True(await services.GetRequiredService<RouteTableMonitor>().ReloadAsync());
    }

    private sealed class Nothing : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
