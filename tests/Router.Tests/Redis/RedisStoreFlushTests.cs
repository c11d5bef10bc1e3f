using System.Text;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreFlushTests
{
    [Fact]
    public async Task FlushAsync_ByRoute_DeletesThatRouteAndTellsOthers()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await using var other = await StoreUnderTest.ConnectAsync(server);
        await store.WriteAsync("a", """{"score":[1,{"route":"general"}],"route":"coding"}""");
        await store.WriteAsync("b", """{"route":"general","of":"coding"}""");
        await store.WriteAsync("c", "not JSON");
        store.Store.Set(RedisKind.Session, Digest.Of("s"), """{"route":"coding"}"""u8.ToArray(), TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => await store.GetAsync("s", RedisKind.Session) is not null, "the session is written");
        await server.RunAsync("LPUSH", "test:decision:strange", "x");
        await server.RunAsync("SET", "other:decision:1", """{"route":"coding"}""");

        var deleted = await store.Store.FlushAsync("coding", CancellationToken.None);

        Assert.Equal(2, deleted);
        await Eventually.TrueAsync(() => other.Flushes > 0, "the other store knows");
        Assert.Null(await other.GetAsync("a"));
        Assert.Null(await other.GetAsync("s", RedisKind.Session));
        Assert.NotNull(await other.GetAsync("b"));
        Assert.NotNull(await other.GetAsync("c"));
        Assert.Equal("1", await server.RunAsync("EXISTS", "other:decision:1"));
    }

    [Fact]
    public async Task FlushAsync_PrefixLooksLikeAPattern_DeletesAllOfItAndNothingElse()
    {
        using var server = await RedisServer.StartAsync();
        var settings = server.Settings with { Prefix = "a*[b]?\\:" };
        await using var store = await StoreUnderTest.ConnectAsync(settings);
        const int Values = 1500; // several pages and batches
        await FillAsync(store, Values);
        await server.RunAsync("SET", "aXXbX\\:decision:1", "not ours");
        await server.RunAsync("SET", "a*[b]?\\:receipts:decision:1", "ours, but no decision");

        var deleted = await store.Store.FlushAsync(null, CancellationToken.None);

        Assert.Equal(Values + 1, deleted); // and what ConnectAsync wrote
        Assert.Equal("3", await server.RunAsync("DBSIZE")); // and the marker
    }

    [Fact]
    public async Task FlushAsync_AnotherDatabase_IsLeftAlone()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server.Settings with { Configuration = $"127.0.0.1:{server.Port},defaultDatabase=3" });
        await server.RunAsync("SET", "test:decision:1", "of database 0");

        var deleted = await store.Store.FlushAsync(null, CancellationToken.None);

        Assert.Equal(1, deleted);
        Assert.Equal("1", await server.RunAsync("DBSIZE"));
    }

    [Fact]
    public async Task FlushAsync_BeforeAStoreStarts_IsNoNewsToIt()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await store.Store.FlushAsync(null, CancellationToken.None);

        await using var later = await StoreUnderTest.ConnectAsync(server);
        await Task.Delay(RedisLink.BeatEvery * 2);

        Assert.Equal(0, later.Flushes);
    }

    [Fact]
    public async Task FlushAsync_WhileAStoreCannotConnect_IsSeenWhenItCan()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await server.RunAsync("CONFIG", "SET", "requirepass", "right"); // who is connected stays so
        var file = Path.Combine(server.Folder, "secret");
        await using var late = new StoreUnderTest(server.Settings with { Credentials = new ClusterCredentials { SecretFile = file } });
        await Eventually.TrueAsync(() => late.Store.GetStatus()!.LastError is not null, "it cannot connect");
        await store.Store.FlushAsync(null, CancellationToken.None);

        await File.WriteAllTextAsync(file, "right");
        await late.WorksAsync();

        await Eventually.TrueAsync(() => late.Flushes > 0, "it knows");
    }

    [Fact]
    public async Task FlushAsync_WritesThatWait_AreForgotten()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        server.Pause();
        for (var i = 0; i < 1000; i++) // the first batch is on its way, the others wait
        {
            store.Set($"{i}", "x");
        }

        var flush = store.Store.FlushAsync(null, CancellationToken.None);
        server.Resume();
        await flush;
        await Eventually.TrueAsync(() => store.Store.GetStatus()!.WaitingWrites == 0, "nothing waits");

        Assert.Null(await store.GetAsync("999"));
    }

    [Fact]
    public async Task FlushAsync_ServerIsDown_Throws()
    {
        using var server = RedisServer.Down();
        await using var store = new StoreUnderTest(server.Settings);

        var flush = () => store.Store.FlushAsync(null, CancellationToken.None);

        var failure = await Assert.ThrowsAsync<RedisUnavailableException>(flush);
        Assert.Equal($"127.0.0.1:{server.Port} cannot be connected to: check that the server runs, that decisions.redis names it, and whether it wants TLS (rediss://).", failure.Message);
    }

    [Fact]
    public async Task FlushAsync_NoServer_DeletesNothing()
    {
        await using var store = new StoreUnderTest();

        var deleted = await store.Store.FlushAsync(null, CancellationToken.None);

        Assert.Equal(0, deleted);
    }

    [Theory]
    [InlineData("""{"route":"coding"}""", "coding")]
    [InlineData("""{"a":{"route":"coding"},"b":[{"route":"coding"}]}""", null)]
    [InlineData("""{"a":[1,2],"r\u006fute":"c\u006fding","c":1}""", "coding")]
    [InlineData("""{"route":null}""", null)]
    [InlineData("""{"route":"\ud800"}""", null)]
    [InlineData("""["route","coding"]""", null)]
    [InlineData("""{"a":1,"rou""", null)]
    [InlineData("", null)]
    public void RouteOf_Values_ReadsTheirOwnRouteOnly(string value, string? expected) =>
        Assert.Equal(expected, RedisSweep.RouteOf(Encoding.UTF8.GetBytes(value)));

    [Fact]
    public async Task FlushAsync_OneRoute_OthersForgetThatOneOnly()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await using var other = await StoreUnderTest.ConnectAsync(server);
        await store.Store.FlushAsync("coding", CancellationToken.None); // the first marker that a store sees may mean anything
        await Eventually.TrueAsync(() => !other.Flushed.IsEmpty, "the other store knows");
        other.Flushed.Clear();

        await store.Store.FlushAsync("general", CancellationToken.None);
        await Eventually.TrueAsync(() => !other.Flushed.IsEmpty, "the other store knows");
        await Task.Delay(RedisLink.BeatEvery * 2);

        Assert.Equal(["general"], other.Flushed.Distinct());
    }

    private static async Task FillAsync(StoreUnderTest store, int values)
    {
        for (var i = 0; i < values; i++)
        {
            store.Set($"{i}", "x");
        }

        await Eventually.TrueAsync(async () => await store.GetAsync($"{values - 1}") is not null && store.Store.GetStatus()!.WaitingWrites == 0, "all is written");
    }
}
