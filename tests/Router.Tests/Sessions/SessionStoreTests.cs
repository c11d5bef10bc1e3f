using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Sessions;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Router.Tests.Sessions;

/// <summary>Two gateways that take turns at one conversation.</summary>
public sealed class SessionStoreTests
{
    private static readonly DecisionSettings _settings = new();
    private static readonly SessionKey _key = new(Digest.Of("conversation"), IsNamed: true);

    [Fact]
    public async Task FindAsync_TheTurnBeforeWasAnothers_FindsWhatThatOneKept()
    {
        using var server = await RedisServer.StartAsync();
        await using var first = await Gateway.ConnectAsync(server);
        await using var second = await Gateway.ConnectAsync(server);

        var seen = new List<string?>();
        foreach (var (gateway, route) in new[] { (first, "coding"), (second, "general"), (first, "general"), (first, "coding"), (second, "tools") })
        {
            var before = await gateway.FindAsync();
            seen.Add(before?.RouteId);
            gateway.Store.Keep(_key, new Session(route, 0.9, false, null), before, _settings);
            await Eventually.TrueAsync(async () => (await server.RunAsync("GET", $"test:session:{_key.Digest}")).Contains($"\"{route}\"", StringComparison.Ordinal), "it is written");
        }

        Assert.Equal([null, "coding", "general", "general", "coding"], seen);
        Assert.Equal("tools", (await first.FindAsync())?.RouteId);
    }

    [Fact]
    public async Task Keep_ATurnThatChangesNothing_IsNotWrittenAgain()
    {
        using var server = await RedisServer.StartAsync();
        await using var gateway = await Gateway.ConnectAsync(server);
        gateway.Store.Keep(_key, new Session("coding", 0.9, false, new PinnedDestination("c", "d")), null, _settings);
        await Eventually.TrueAsync(async () => (await server.RunAsync("GET", $"test:session:{_key.Digest}")).Contains("\"writes\":1", StringComparison.Ordinal), "it is written");

        for (var turn = 0; turn < 3; turn++)
        {
            gateway.Store.Keep(_key, new Session("coding", 0.8, false, new PinnedDestination("c", "d")), await gateway.FindAsync(), _settings);
        }

        await Eventually.TrueAsync(() => gateway.Redis.GetStatus()!.WaitingWrites == 0, "nothing waits");
        Assert.Contains("\"writes\":1", await server.RunAsync("GET", $"test:session:{_key.Digest}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"v":2,"route":"coding","confidence":1}""")]
    [InlineData("""{"v":1,"route":null,"confidence":1}""")]
    [InlineData("""{"v":1,"route":"coding","confidence":7}""")]
    [InlineData("""{"v":1,"route":"coding","confid""")]
    public void TryRead_WhatIsNoSession_IsNull(string value) => Assert.Null(SessionJson.TryRead(System.Text.Encoding.UTF8.GetBytes(value)));

    private sealed class Gateway : IAsyncDisposable
    {
        private Gateway(RedisServer server)
        {
            Redis = new RedisStore(TimeProvider.System, NullLogger<RedisStore>.Instance);
            Redis.Configure(server.Settings);
            Store = new SessionStore(Redis, TimeProvider.System);
        }

        public RedisStore Redis { get; }

        public SessionStore Store { get; }

        public static async Task<Gateway> ConnectAsync(RedisServer server)
        {
            var gateway = new Gateway(server);
            await Eventually.TrueAsync(() => gateway.Redis.GetStatus()!.IsWell, "it is connected");
            return gateway;
        }

        public ValueTask<Session?> FindAsync() => Store.FindAsync(_key, _settings, new RedisAllowance(Redis, TimeSpan.FromSeconds(2), TimeProvider.System));

        public ValueTask DisposeAsync() => Redis.DisposeAsync();
    }
}
