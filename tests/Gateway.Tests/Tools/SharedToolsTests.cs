using System.Net;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Tests.Redis;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools;

/// <summary>Two gateways on one Redis share what callers register.</summary>
public sealed class SharedToolsTests
{
    [Fact]
    public async Task Registry_TwoGateways_SeeEachOthersToolsVersionsAndRemovals()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);

        await first.RegisterAsync(Client("weather"), "a");
        await Eventually.TrueAsync(async () => await NamesAsync(second, "a") is ["weather"], "the second sees it");
        Assert.Empty(await NamesAsync(second, "b"));
        var changed = await second.RegisterAsync(Client("weather", """, "visibility": "shared" """), "a");
        await Eventually.TrueAsync(async () => (int)(await first.JsonAsync(HttpMethod.Get, "/v1/tools/weather", key: "a"))["version"]! == 2, "the first sees the new version");
        Assert.Equal(2, (int)changed["version"]!);
        await Eventually.TrueAsync(async () => await NamesAsync(first, "b") is ["weather"], "it is shared now");

        using var removed = await first.SendAsync(HttpMethod.Delete, "/v1/tools/weather", key: "a");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await Eventually.TrueAsync(async () => await NamesAsync(second, "a") is [], "it is gone everywhere");
    }

    [Fact]
    public async Task Lease_RenewedAtOneGateway_LivesAtTheOtherAndEndsAtBoth()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis, """ "leaseTtl": "2s" """);
        await using var second = await StartAsync(redis, """ "leaseTtl": "2s" """);
        await first.RegisterAsync($$"""{"tools":[{{Client("alive")}},{{Client("witness")}}]}""", "a");
        await first.RegisterAsync(Client("crashed"), "b");
        await Eventually.TrueAsync(async () => await NamesAsync(second, "a") is ["alive", "witness"] && await NamesAsync(second, "b") is ["crashed"], "the second sees them");

        await Eventually.TrueAsync(async () =>
        {
            await second.JsonAsync(HttpMethod.Post, "/v1/tools/alive/heartbeat", key: "a");
            await second.JsonAsync(HttpMethod.Post, "/v1/tools/heartbeat", key: "a"); // heard at the second only
            return await NamesAsync(first, "b") is [] && await NamesAsync(second, "b") is [];
        }, "what nobody speaks for goes");
        Assert.Equal(["alive", "witness"], await NamesAsync(first, "a"));

        await Eventually.TrueAsync(async () => await NamesAsync(first, "a") is [] && await NamesAsync(second, "a") is [], "and so do the others, once it is silent");
        Assert.Equal("1", await redis.RunAsync("HLEN", "routergateway:tools"));
    }

    [Fact]
    public async Task Redis_LostAndBack_NobodyLosesTools()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        await first.RegisterAsync(Client("before", """, "leaseTtl": "10m" """), "a");
        await Eventually.TrueAsync(async () => await NamesAsync(second, "a") is ["before"], "the second sees it");

        redis.Kill();
        await first.RegisterAsync(Client("during", """, "leaseTtl": "10m" """), "a");
        Assert.Equal(["before", "during"], await NamesAsync(first, "a"));
        Assert.Equal(["before"], await NamesAsync(second, "a"));
        await redis.RestartAsync(); // empty

        await Eventually.TrueAsync(async () => await NamesAsync(second, "a") is ["before", "during"] && await NamesAsync(first, "a") is ["before", "during"], "what was registered before and meanwhile is shared");
        await using var third = await StartAsync(redis);
        await Eventually.TrueAsync(async () => await NamesAsync(third, "a") is ["before", "during"], "it is in Redis again");
    }

    private static async Task<string[]> NamesAsync(GatewayHost host, string key) => (await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: key)).Names();

    private static Task<GatewayHost> StartAsync(RedisServer redis, string tools = "") =>
        GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), decisions: $""" "redis": "127.0.0.1:{redis.Port}" """, tools: tools);
}
