using System.Globalization;
using System.Text;
using RouterGateway.Router.Redis;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreWriteTests
{
    [Fact]
    public async Task Set_ManyWritersAtOnce_AllIsWritten()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        var droppedBefore = store.Store.GetStatus()!.DroppedWrites; // while it connected

        await Parallel.ForAsync(0, 64, (writer, _) =>
        {
            for (var i = 0; i < 50; i++)
            {
                store.Set($"{writer}-{i}", $"{writer}-{i}");
            }

            return ValueTask.CompletedTask;
        });

        await Eventually.TrueAsync(async () => await server.RunAsync("DBSIZE") == "3201", "all is written, and what ConnectAsync wrote");
        Assert.Equal("63-49", await store.GetAsync("63-49"));
        Assert.Equal(droppedBefore, store.Store.GetStatus()!.DroppedWrites);
    }

    [Fact]
    public async Task Set_TimeToLive_IsThatOfTheKey()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        store.Store.Set(RedisKind.Session, Digest.Of("id"), [0, 255, 13, 10], TimeSpan.FromMilliseconds(90_500));
        store.Store.Set(RedisKind.Session, Digest.Of("none"), [1], TimeSpan.Zero);
        await Eventually.TrueAsync(async () => await store.GetAsync("id", RedisKind.Session) is not null, "it is written");

        var value = await store.Store.GetAsync(RedisKind.Session, Digest.Of("id"), StoreUnderTest.Patience);
        var left = int.Parse(await server.RunAsync("PTTL", $"test:session:{Digest.Of("id")}"), CultureInfo.InvariantCulture);
        Assert.Equal([0, 255, 13, 10], value);
        Assert.InRange(left, 1, 90_500);
        Assert.Null(await store.GetAsync("none", RedisKind.Session));
    }

    [Fact]
    public async Task Set_TooManyWait_DropsAndCounts()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        var droppedBefore = store.Store.GetStatus()!.DroppedWrites;

        server.Pause();
        for (var i = 0; i < 2 * RedisWriter.Capacity; i++)
        {
            store.Set($"{i}", "x");
        }

        var status = store.Store.GetStatus()!;
        server.Resume();
        await store.WorksAsync();
        Assert.InRange(status.WaitingWrites, 1, RedisWriter.Capacity);
        Assert.True(status.DroppedWrites > droppedBefore);
    }

    [Fact]
    public async Task Set_ServerIsNotWell_DropsAndCounts()
    {
        using var server = RedisServer.Down();
        await using var store = new StoreUnderTest(server.Settings);

        store.Set("id", "x");
        store.Store.AppendReceipt("{}"u8.ToArray(), 10);

        Assert.Equal(2, store.Store.GetStatus()!.DroppedWrites);
    }

    [Fact]
    public async Task DisposeAsync_WritesWait_SendsThem()
    {
        using var server = await RedisServer.StartAsync();
        var store = await StoreUnderTest.ConnectAsync(server);
        for (var i = 0; i < 1000; i++)
        {
            store.Set($"{i}", "x");
        }

        await store.DisposeAsync();

        Assert.Equal("1001", await server.RunAsync("DBSIZE"));
    }

    [Fact]
    public async Task ReadReceiptsAsync_SeveralPages_AreReadNewestFirst()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        const int Receipts = 1234;
        for (var i = 0; i < Receipts; i++)
        {
            store.Store.AppendReceipt(Encoding.UTF8.GetBytes($"{i}"), 100_000);
        }

        await Eventually.TrueAsync(async () => await server.RunAsync("XLEN", "test:receipts") == $"{Receipts}", "all is written");
        await server.RunAsync("XADD", "test:receipts", "*", "not", "ours");
        var read = await ReadAsync(store, null);

        Assert.Equal(Enumerable.Range(0, Receipts).Reverse().Select(static i => $"{i}"), read);
    }

    [Fact]
    public async Task ReadReceiptsAsync_Since_LeavesOutOlderOnes()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);
        foreach (var second in (int[])[1, 2, 3])
        {
            await server.RunAsync("XADD", "test:receipts", $"{second}000-0", "r", $"{second}");
        }

        var since = await ReadAsync(store, DateTimeOffset.FromUnixTimeSeconds(2));
        var sinceEver = await ReadAsync(store, DateTimeOffset.MinValue);

        Assert.Equal(["3", "2"], since);
        Assert.Equal(["3", "2", "1"], sinceEver);
    }

    [Fact]
    public async Task AppendReceipt_MoreThanAreKept_OldOnesGo()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        for (var i = 0; i < 1000; i++)
        {
            store.Store.AppendReceipt(Encoding.UTF8.GetBytes($"{i}"), 100);
        }

        await Eventually.TrueAsync(async () => await ReadAsync(store, null) is ["999", ..], "the newest is written");
        var kept = await ReadAsync(store, null);
        Assert.InRange(kept.Count, 100, 300); // whole nodes of 100 are dropped
    }

    [Fact]
    public async Task ReadReceiptsAsync_ServerIsDown_Throws()
    {
        using var server = RedisServer.Down();
        await using var store = new StoreUnderTest(server.Settings);

        var read = () => ReadAsync(store, null);

        var failure = await Assert.ThrowsAsync<RedisUnavailableException>(read);
        Assert.Contains("cannot be connected to", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_NoServer_DoesNothing()
    {
        await using var store = new StoreUnderTest();

        store.Set("id", "x");
        store.Store.AppendReceipt("{}"u8.ToArray(), 10);
        var value = await store.GetAsync("id");
        var receipts = await ReadAsync(store, null);

        Assert.Null(value);
        Assert.Empty(receipts);
        Assert.Null(store.Store.GetStatus());
    }

    [Fact]
    public async Task GetAsync_NoBudget_AsksNobody()
    {
        using var server = await RedisServer.StartAsync();
        await using var store = await StoreUnderTest.ConnectAsync(server);

        var lookups = new[] { TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromMicroseconds(900) }
            .Select(budget => store.Store.GetAsync(RedisKind.Decision, Digest.Of("works"), budget)).ToList();

        Assert.All(lookups, static lookup => Assert.True(lookup.IsCompletedSuccessfully));
        Assert.Equal(0, store.Store.GetStatus()!.Timeouts);
    }

    private static async Task<List<string>> ReadAsync(StoreUnderTest store, DateTimeOffset? since)
    {
        var receipts = new List<string>();
        await foreach (var receipt in store.Store.ReadReceiptsAsync(since, CancellationToken.None))
        {
            receipts.Add(Encoding.UTF8.GetString(receipt));
        }

        return receipts;
    }
}
