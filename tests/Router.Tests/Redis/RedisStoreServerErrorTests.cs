namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreServerErrorTests(ITestOutputHelper output)
{
    [Fact]
    public async Task GetAsync_ServerLoadsItsData_MissesAndWorksOnceItHas()
    {
        // slow enough to be seen: 3 ms for each of 1000 keys of 1 KB, and clients are answered between any two
        using var server = await RedisServer.StartAsync("--enable-debug-command", "local", "--key-load-delay", "3000", "--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no");
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await server.RunAsync("DEBUG", "POPULATE", "1000", "filler", "1024");
        await store.WriteAsync("kept", "x");

        var reload = server.RunAsync("DEBUG", "RELOAD");
        await Eventually.TrueAsync(async () => await server.RunAsync("PING") is { } answer && answer.Contains("LOADING", StringComparison.Ordinal), "it loads");
        await store.MeasureAsync("loading", TimeSpan.FromSeconds(1));
        var status = store.Store.GetStatus()!;
        await reload;
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.True(status.Errors > 0);
        Assert.NotNull(status.LastError); // that it is loading, or that it cannot be connected to, as the library breaks the connection at some point
        Assert.Equal("x", await store.GetAsync("kept"));
    }

    [Fact]
    public async Task GetAsync_StartsWhileTheServerLoads_WorksOnceItHas()
    {
        using var server = await RedisServer.StartAsync("--enable-debug-command", "local", "--loading-process-events-interval-bytes", "1024", "--rdbcompression", "no");
        await server.RunAsync("DEBUG", "POPULATE", "1000", "filler", "1024");
        await server.RunAsync("SAVE");
        server.Kill();
        await server.RestartAsync("--key-load-delay", "2000");
        await using var store = new StoreUnderTest(server.Settings);

        await store.MeasureAsync("started while loading", TimeSpan.FromSeconds(1));
        await Eventually.TrueAsync(async () => await server.RunAsync("PING") == "PONG", "it has loaded");
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.Single(store.Logged(2100));
    }

    [Fact]
    public async Task Set_ServerIsFull_IsCountedAndLoggedOnceAndLookupsGoOn()
    {
        using var server = await RedisServer.StartAsync("--maxmemory-policy", "noeviction");
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await store.WriteAsync("kept", "x");

        await server.RunAsync("CONFIG", "SET", "maxmemory", "1");
        store.Set("lost", "y");
        store.Store.AppendReceipt("{}"u8.ToArray(), 10);
        await Eventually.TrueAsync(() => store.Store.GetStatus()!.Errors == 2, "two writes failed");
        store.Set("lost", "y");
        await Eventually.TrueAsync(() => store.Store.GetStatus()!.Errors == 3, "and a third");
        await store.MeasureAsync("full", TimeSpan.FromSeconds(1));
        var kept = await store.GetAsync("kept");
        await server.RunAsync("CONFIG", "SET", "maxmemory", "0");
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.Equal("x", kept);
        var warning = Assert.Single(store.Warnings);
        Assert.EndsWith($"127.0.0.1:{server.Port} is full: raise its maxmemory, or set its maxmemory-policy to allkeys-lru.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Set_ServerBecomesAReplica_LookupsGoOnAndWritesComeBackWithThePrimary()
    {
        using var nobody = RedisServer.Down();
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        await store.WriteAsync("kept", "x");

        await server.RunAsync("REPLICAOF", "127.0.0.1", $"{nobody.Port}");
        await RefusesAsync();
        await store.MeasureAsync("replica", TimeSpan.FromSeconds(4)); // meanwhile it connects anew, and learns that there is no primary
        await RefusesAsync();
        await Eventually.TrueAsync(async () => await store.GetAsync("kept") == "x", "lookups go on");
        await server.RunAsync("REPLICAOF", "NO", "ONE");
        var recovery = await store.WorksAsync();

        output.WriteLine($"recovery {recovery.TotalSeconds:F2} s");
        Assert.Empty(store.Logged(2101));

        // a lookup that is late on a busy machine is an error of its own in between
        Task RefusesAsync()
        {
            var before = store.Store.GetStatus()!.Errors;
            return Eventually.TrueAsync(
                () =>
                {
                    store.Set("lost", "y");
                    return store.Store.GetStatus() is { } status && status.Errors > before &&
                        status.LastError == $"127.0.0.1:{server.Port} is a replica and takes no writes: name the primary in decisions.redis.";
                },
                "writes are refused, and it says why");
        }
    }

    [Fact]
    public async Task GetAsync_KeyHasAnotherType_MissesUntilItIsWritten()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        var key = $"test:decision:{Digest.Of("id")}";
        await server.RunAsync("LPUSH", key, "not", "ours");
        await server.RunAsync("LPUSH", "test:flushed", "not", "ours");

        var before = await store.GetAsync("id");
        var errors = store.Store.GetStatus()!.Errors;
        await store.WriteAsync("id", "ours");

        Assert.Null(before);
        Assert.Equal(1, errors);
        Assert.Equal("string", await server.RunAsync("TYPE", key));
        Assert.True(store.Store.GetStatus()!.IsWell);
    }
}
