using System.Security.Cryptography;
using RouterGateway.Router.Redis;
using static RouterGateway.Router.Tests.Redis.TableUnderTest;

namespace RouterGateway.Router.Tests.Redis;

public sealed class SharedTableTests
{
    [Fact]
    public async Task WriteAsync_TwoStores_SeeEachOthersRows()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);

        await other.IsToldAsync(() => one.WriteAsync(Row("a", "1"), Row("b", "2")), "the other wrote");
        var seenByOther = await other.ReadAsync();
        await one.IsToldAsync(() => other.WriteAsync(Row("b", "3"), Row("c", "")), "the one was answered");
        var seenByOne = await one.ReadAsync();

        Assert.Equal(["a=1", "b=2"], seenByOther);
        Assert.Equal(["a=1", "b=3", "c="], seenByOne);
    }

    [Fact]
    public async Task WriteAsync_RemovedKeys_AreGoneEverywhereWithTheirLeases()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync(Row("a", "1", Now), Row("b", "2", Now), Row("c", "3"));

        await other.IsToldAsync(() => one.Table.WriteAsync([Row("b", "new", Now), Row("d", "4")], ["a", "b", "never"], CancellationToken.None), "rows were removed");

        Assert.Equal(["b=new", "c=3", "d=4"], await other.ReadAsync());
        Assert.Equal("b", await server.RunAsync("ZRANGE", "test:tools:leases", "0", "-1"));
    }

    [Fact]
    public async Task WriteAsync_Nothing_MakesNoVersion()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);

        await table.Table.WriteAsync([], [], CancellationToken.None);

        Assert.Equal("", await server.RunAsync("GET", "test:tools:version"));
        Assert.Empty(await table.ReadAsync());
    }

    [Fact]
    public async Task WriteAsync_BinaryValues_ComeBackAsTheyWere()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        var allBytes = Enumerable.Range(0, 256).Select(static i => (byte)i).ToArray();

        await table.WriteAsync(new SharedRow("zürich\n\0 ", allBytes, null), new SharedRow("", [], null), new SharedRow("null", [0], null));
        var rows = (await table.Table.ReadAsync(CancellationToken.None)).Rows.ToDictionary(static row => row.Key, static row => row.Value);

        Assert.Equal(3, rows.Count);
        Assert.Equal(allBytes, rows["zürich\n\0 "]);
        Assert.Empty(rows[""]);
        Assert.Equal([0], rows["null"]);
    }

    [Fact]
    public async Task WriteAsync_TwoThousandRows_AreReadWhole()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        var random = new Random(1);
        var rows = Enumerable.Range(0, 2000).Select(i =>
        {
            var value = new byte[2048];
            random.NextBytes(value);
            return new SharedRow($"tool-{i}", value, i % 2 == 0 ? Now.AddSeconds(i) : null);
        }).ToArray();

        await other.IsToldAsync(() => one.WriteAsync(rows), "many rows");
        var read = (await other.Table.ReadAsync(CancellationToken.None)).Rows.ToDictionary(static row => row.Key);
        var gone = await other.Table.RenewAsync([.. rows.Select(static row => row.Key)], Now.AddDays(1), CancellationToken.None);

        Assert.Equal(rows.Length, read.Count);
        Assert.All(rows, row => Assert.Equal((Convert.ToHexString(SHA256.HashData(row.Value)), row.LeaseUntil), (Convert.ToHexString(SHA256.HashData(read[row.Key].Value)), read[row.Key].LeaseUntil)));
        Assert.Equal(rows.Where(static row => row.LeaseUntil is null).Select(static row => row.Key), gone);
    }

    [Fact]
    public async Task WriteAsync_ManyAtATime_LoseNothingAndAreReadWhole()
    {
        const int Writers = 8;
        const int Writes = 40;
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync([.. Enumerable.Range(0, 300).Select(static i => Row($"filler-{i}", "x"))]); // several pages
        using var stop = new CancellationTokenSource();

        var reading = ReadPairsAsync(other, stop.Token);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WritePairsAsync(writer % 2 == 0 ? one : other, writer, Writes)));
        await stop.CancelAsync();
        var torn = await reading;
        var rows = await other.ReadAsync();

        Assert.Equal(0, torn);
        Assert.Equal(300 + (2 * Writers * Writes), rows.Length); // of each write the pair that it did not remove
        Assert.Equal(0, one.Overlaps + other.Overlaps);
    }

    [Fact]
    public async Task FlushAsync_Everything_LeavesTheTable()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "1", Now));
        await table.Store.WorksAsync();
        var version = await server.RunAsync("GET", "test:tools:version");

        var deleted = await table.Store.Store.FlushAsync(null, CancellationToken.None);

        Assert.Equal(1, deleted);
        Assert.Equal(["a=1"], await table.ReadAsync());
        Assert.Single(await table.Table.ReadLeasesAsync(CancellationToken.None));
        Assert.Equal(version, await server.RunAsync("GET", "test:tools:version"));
    }

    // Every write adds two pairs of rows and removes one of the write before; a reader must never see a row without its twin.
    private static async Task WritePairsAsync(TableUnderTest table, int writer, int writes)
    {
        for (var i = 0; i < writes; i++)
        {
            string[] scratch = [$"{writer}-scratch-{i - 1}-left", $"{writer}-scratch-{i - 1}-right"];
            await table.Table.WriteAsync(
                [Row($"{writer}-{i}-left", "x"), Row($"{writer}-{i}-right", "x"), Row($"{writer}-scratch-{i}-left", "x"), Row($"{writer}-scratch-{i}-right", "x")],
                scratch,
                CancellationToken.None);
        }

        await table.RemoveAsync($"{writer}-scratch-{writes - 1}-left", $"{writer}-scratch-{writes - 1}-right");
    }

    private static async Task<int> ReadPairsAsync(TableUnderTest table, CancellationToken stop)
    {
        var torn = 0;
        while (!stop.IsCancellationRequested)
        {
            var keys = (await table.Table.ReadAsync(CancellationToken.None)).Rows.Select(static row => row.Key).Where(static key => !key.StartsWith("filler", StringComparison.Ordinal));
            torn += keys.GroupBy(static key => key[..key.LastIndexOf('-')]).Count(static pair => pair.Count() != 2);
        }

        return torn;
    }
}
