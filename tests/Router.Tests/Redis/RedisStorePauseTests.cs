namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStorePauseTests(ITestOutputHelper output)
{
    [Fact]
    public async Task GetAsync_PausedForASecond_WorksOnceItGoesOn()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        await store.MeasureAsync("paused for a second", TimeSpan.FromSeconds(1), server.Pause);
        server.Resume();
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.True(store.Store.GetStatus()!.Timeouts > 0);
    }

    [Fact]
    public async Task GetAsync_PausedForLong_WorksOnceItGoesOn()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        await store.MeasureAsync("paused for seven seconds", TimeSpan.FromSeconds(7), server.Pause);
        var status = store.Store.GetStatus()!;
        server.Resume();
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.False(status.IsWell);
        Assert.Single(store.Logged(2101));
    }

    [Fact]
    public async Task GetAsync_ConnectionDiesSilently_AnotherTakesItsPlace()
    {
        using var server = await RedisServer.StartAsync();
        using var network = new FakeNetwork(server.Port);
        await using var store = await StoreUnderTest.ConnectAsync(server.Settings with { Configuration = $"127.0.0.1:{network.Port}" });

        network.ForgetConnections();
        await store.MeasureAsync("connection died silently", TimeSpan.FromSeconds(2));
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds + 2:F2} s after the connection died");
        Assert.True(store.Store.GetStatus()!.IsWell);
    }

    [Fact]
    public async Task DisposeAsync_ServerIsPaused_Returns()
    {
        using var server = await RedisServer.StartAsync();
        var store = await StoreUnderTest.ConnectAsync(server);
        server.Pause();
        store.Set("never", "written");

        await store.DisposeAsync();

        Assert.Null(await store.GetAsync("works"));
        server.Resume();
    }
}
