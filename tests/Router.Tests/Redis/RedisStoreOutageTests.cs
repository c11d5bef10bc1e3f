using RouterGateway.Router.Redis;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreOutageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task GetAsync_DownAtStart_WorksOnceItIsUp()
    {
        using var server = RedisServer.Down();
        await using var store = new StoreUnderTest(server.Settings);
        await store.MeasureAsync("down at start", TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(() => store.Store.GetStatus()!.LastError is not null, "the first attempt failed");
        var status = store.Store.GetStatus()!;

        await server.RestartAsync();
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.False(status.IsWell);
        Assert.Equal($"127.0.0.1:{server.Port} cannot be connected to: check that the server runs, that decisions.redis names it, and whether it wants TLS (rediss://).", status.LastError);
        Assert.Single(store.Logged(2101));
        Assert.Single(store.Logged(2100));
    }

    [Fact]
    public async Task GetAsync_KilledUnderTraffic_WorksOnceItIsRestarted()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        await store.MeasureAsync("killed", TimeSpan.FromSeconds(3), server.Kill);
        var status = store.Store.GetStatus()!;
        await server.RestartAsync();
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.False(status.IsWell);
        Assert.NotNull(status.LastError);
        Assert.True(status.Errors > 0);
        await Eventually.TrueAsync(() => store.Logged(2102).Length == 1, "the log says that it is back");
        Assert.Single(store.Logged(2101));
    }

    [Fact]
    public async Task GetAsync_RestartedAndScriptsFlushed_Works()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await store.WriteAsync("before", "x");

        server.Kill();
        await server.RestartAsync();
        await server.RunAsync("SCRIPT", "FLUSH");
        await store.WorksAsync();
        await server.RunAsync("SCRIPT", "FLUSH");
        store.Set("after", "y");

        await store.WriteAsync("after", "y");
        Assert.Null(await store.GetAsync("before"));
    }

    [Fact]
    public async Task GetAsync_KilledBetweenDecisions_IsNoFlush()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await store.Store.FlushAsync(null, CancellationToken.None);
        var flushes = store.Flushes;

        server.Kill();
        await server.RestartAsync(); // without its marker
        await store.WorksAsync();
        await Task.Delay(RedisLink.BeatEvery * 2);

        Assert.Equal(flushes, store.Flushes);
    }

    [Fact]
    public async Task DisposeAsync_ServerIsGone_Returns()
    {
        using var server = await RedisServer.StartAsync();
        var store = await StoreUnderTest.ConnectAsync(server);
        server.Kill();

        await store.DisposeAsync();

        Assert.Null(await store.GetAsync("works"));
    }
}
