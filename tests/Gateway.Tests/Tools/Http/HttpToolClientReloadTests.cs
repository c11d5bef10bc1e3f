using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
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
        var cluster = GatewayHost.Cluster("main", "http://127.0.0.1:1");
        await using var gateway = await GatewayHost.StartAsync(cluster);
        var client = gateway.Services.GetRequiredService<HttpToolClient>();

        // act
        var closed = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);
        await ReloadAsync(gateway, GatewayHost.RoutesJson(cluster, tools: """ "network": { "allow": ["127.0.0.0/8", "::1"] } """));
        var open = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);
        await ReloadAsync(gateway, GatewayHost.RoutesJson(cluster));
        var closedAgain = await client.CallAsync(target, new Dictionary<string, JsonElement>(), CancellationToken.None);

        // assert
        Assert.True(closed.IsToolFault);
        Assert.Equal("there", open.Text);
        Assert.True(closedAgain.IsToolFault);
        Assert.Single(server.Requests);
    }

    private static async Task ReloadAsync(GatewayHost gateway, string routes)
    {
        await File.WriteAllTextAsync(gateway.RoutesFile, routes);
        Assert.True(await gateway.Services.GetRequiredService<RouteTableMonitor>().ReloadAsync());
    }
}
