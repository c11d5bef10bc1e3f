using System.Text.RegularExpressions;
using RouterGateway.Router.Redis;
using static RouterGateway.Router.Tests.Redis.TableUnderTest;

namespace RouterGateway.Router.Tests.Redis;

public sealed partial class SharedTableWatchTests
{
    [Fact]
    public async Task Configure_AnotherPrefix_TellsAndReadsThatOne()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server.Settings with { Prefix = "other:" });
        await one.WriteAsync(Row("a", "1"));
        await other.WriteAsync(Row("b", "2"));

        await one.IsToldAsync(
            () =>
            {
                one.Store.Store.Configure(server.Settings with { Prefix = "other:" });
                return Task.CompletedTask;
            },
            "another prefix");
        await Eventually.TrueAsync(async () => (await one.ReadAsync()).SequenceEqual(["b=2"]), "it reads the other prefix");
        await one.IsToldAsync(() => other.WriteAsync(Row("c", "3")), "a write behind the other prefix");

        Assert.Equal(["b=2", "c=3"], await one.ReadAsync());
        Assert.Equal("a", await server.RunAsync("HKEYS", "test:tools"));
    }

    [Fact]
    public async Task Configure_NoServer_TellsAndIsNotConfigured()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);

        await table.IsToldAsync(
            () =>
            {
                table.Store.Store.Configure(null);
                return Task.CompletedTask;
            },
            "no server");

        Assert.False(table.Table.IsConfigured);
        await Assert.ThrowsAsync<RedisUnavailableException>(table.ReadAsync);
        await table.IsToldAsync(
            () =>
            {
                table.Store.Store.Configure(server.Settings);
                return Task.CompletedTask;
            },
            "a server again");
        await table.WorksAsync();
    }

    [Fact]
    public async Task Changed_NobodyListens_IsNotRead()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        var table = new SharedTable(store.Store);
        await server.RunAsync("LPUSH", "test:tools:version", "reading this is an error that the server counts");
        var before = await ReadsAsync(server);

        await Eventually.TrueAsync(async () => await ReadsAsync(server) > before + 3, "hearts have beaten");
        var errors = await server.RunAsync("INFO", "errorstats");
        table.Changed += Ignore;
        await Eventually.TrueAsync(async () => (await server.RunAsync("INFO", "errorstats")).Contains("WRONGTYPE", StringComparison.Ordinal), "it is read");
        table.Changed -= Ignore;

        Assert.DoesNotContain("WRONGTYPE", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_SomebodyBeginsToListen_IsToldOnceThoughNothingChanged()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.IsToldAsync(() => table.WriteAsync(Row("a", "1")), "a write");
        var told = 0;

        table.Table.Changed += () => Interlocked.Increment(ref told);

        await Eventually.TrueAsync(() => Volatile.Read(ref told) > 0, "the new listener is told");
    }

    [Fact]
    public async Task Changed_ListenerThrows_IsLoggedAndTheHeartbeatGoesOn()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        table.Table.Changed += static () => throw new InvalidOperationException("broken");

        await Eventually.TrueAsync(() => table.Store.Logged(2107).Length > 0, "it is logged");
        await table.IsToldAsync(() => table.WriteAsync(Row("a", "1")), "a write");

        Assert.Empty(table.Store.Logged(2104));
        Assert.True(table.Store.Store.GetStatus()!.IsWell);
    }

    private static void Ignore()
    {
    }

    private static async Task<long> ReadsAsync(RedisServer server) =>
        Calls().Match(await server.RunAsync("INFO", "commandstats")) is { Success: true } match ? long.Parse(match.Groups[1].ValueSpan, null) : 0;

    [GeneratedRegex(@"cmdstat_get:calls=(\d+)")]
    private static partial Regex Calls();
}
