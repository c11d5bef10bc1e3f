using static RouterGateway.Router.Tests.Redis.TableUnderTest;

namespace RouterGateway.Router.Tests.Redis;

public sealed class SharedTableLeaseTests
{
    [Fact]
    public async Task ReadAsync_Leases_AreThoseOfTheLastWrite()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("leased", "x", Now), Row("lasting", "x"), Row("begins", "x"), Row("ends", "x", Now));

        await table.WriteAsync(Row("begins", "x", DateTimeOffset.MaxValue), Row("ends", "x"));
        var rows = (await table.Table.ReadAsync(CancellationToken.None)).Rows.ToDictionary(static row => row.Key, static row => row.LeaseUntil);
        var leases = await table.Table.ReadLeasesAsync(CancellationToken.None);

        Assert.Equal(Now, rows["leased"]);
        Assert.Null(rows["lasting"]);
        Assert.Null(rows["ends"]);
        Assert.Equal(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), rows["begins"]!.Value.ToUnixTimeMilliseconds());
        Assert.Equal(["begins", "leased"], leases.Keys.Order());
        Assert.Equal(Now, leases["leased"]);
    }

    [Fact]
    public async Task ReadLeasesAsync_WrittenBySomebodyElse_AreWithinWhatTimesCanBe()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await server.RunAsync("ZADD", "test:tools:leases", "inf", "late", "-inf", "early");

        var leases = await table.Table.ReadLeasesAsync(CancellationToken.None);

        Assert.Equal(9999, leases["late"].Year);
        Assert.Equal(1, leases["early"].Year);
    }

    [Fact]
    public async Task RenewAsync_SomeAreGone_RenewsTheOthersWithoutANewVersion()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync(Row("a", "x", Now), Row("b", "x", Now), Row("removed", "x", Now), Row("lasting", "x"));
        await other.RemoveAsync("removed");
        var version = await server.RunAsync("GET", "test:tools:version");

        var gone = await one.Table.RenewAsync(["a", "removed", "never", "lasting", "removed"], Now + Seconds(60), CancellationToken.None);
        var leases = await other.Table.ReadLeasesAsync(CancellationToken.None);

        Assert.Equal(["removed", "never", "lasting"], gone);
        Assert.Equal(2, leases.Count);
        Assert.Equal((Now + Seconds(60), Now), (leases["a"], leases["b"]));
        Assert.Equal(version, await server.RunAsync("GET", "test:tools:version"));
        Assert.Equal("3", await server.RunAsync("HLEN", "test:tools"));
    }

    [Fact]
    public async Task RenewAsync_OneOrNone_Works()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "x", Now));

        Assert.Empty(await table.Table.RenewAsync(["a"], Now + Seconds(1), CancellationToken.None));
        Assert.Empty(await table.Table.RenewAsync([], Now, CancellationToken.None));
        Assert.Equal(Now + Seconds(1), (await table.Table.ReadLeasesAsync(CancellationToken.None))["a"]);
    }

    [Fact]
    public async Task RenewAsync_LeasesWereLost_SaysSo()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "x", Now));
        await server.RunAsync("DEL", "test:tools:leases"); // as a server that is short of memory may
        var withoutLeases = await table.Table.RenewAsync(["a"], Now, CancellationToken.None);

        await table.WriteAsync(Row("a", "x", Now));
        await server.RunAsync("DEL", "test:tools");
        var withoutRows = await table.Table.RenewAsync(["a"], Now, CancellationToken.None);

        Assert.Equal(["a"], withoutLeases);
        Assert.Equal(["a"], withoutRows);
    }

    [Fact]
    public async Task RemoveExpiredAsync_SomeAreOver_RemovesThoseOnceAndTells()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync(Row("over", "x", Now - Seconds(0.001)), Row("long over", "x", DateTimeOffset.MinValue), Row("ends now", "x", Now), Row("lasting", "x"));
        string[] removed = [];

        await other.IsToldAsync(async () => removed = [.. await one.Table.RemoveExpiredAsync(Now, CancellationToken.None)], "rows expired");
        var version = await server.RunAsync("GET", "test:tools:version");
        var again = await other.Table.RemoveExpiredAsync(Now, CancellationToken.None);

        Assert.Equal(["long over", "over"], removed.Order());
        Assert.Empty(again);
        Assert.Equal(version, await server.RunAsync("GET", "test:tools:version"));
        Assert.Equal(["ends now=x", "lasting=x"], await other.ReadAsync());
        Assert.Equal("1", await server.RunAsync("ZCARD", "test:tools:leases"));
    }

    [Fact]
    public async Task RemoveExpiredAsync_RenewedInBetween_RemovesNothing()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync(Row("a", "x", Now - Seconds(1)));

        var seen = await one.Table.ReadLeasesAsync(CancellationToken.None);
        var gone = await other.Table.RenewAsync(["a"], Now + Seconds(60), CancellationToken.None);
        var removed = await one.Table.RemoveExpiredAsync(Now, CancellationToken.None);

        Assert.True(seen["a"] < Now);
        Assert.Empty(gone);
        Assert.Empty(removed);
        Assert.Equal(["a=x"], await one.ReadAsync());
    }

    [Fact]
    public async Task RemoveExpiredAsync_RacesWithRenewal_EitherOfThemWins()
    {
        const int Rounds = 300;
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        var removals = 0;

        for (var i = 0; i < Rounds; i++)
        {
            var key = $"{i}";
            await one.WriteAsync(Row(key, "x", Now - Seconds(1)));

            // which of the two is sent first takes turns
            var first = i % 2 == 0 ? other.Table.RemoveExpiredAsync(Now, CancellationToken.None) : null;
            var renewal = one.Table.RenewAsync([key], Now + Seconds(60), CancellationToken.None);
            var removal = first ?? other.Table.RemoveExpiredAsync(Now, CancellationToken.None);

            Assert.Equal(await renewal, await removal); // what is gone for the one is what the other removed
            removals += (await removal).Count;
        }

        Assert.Equal(Rounds - removals, (await one.ReadAsync()).Length);
        Assert.Equal(Rounds - removals, (await one.Table.ReadLeasesAsync(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task RemoveExpiredAsync_ServerForgetsItsScripts_Works()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);

        for (var i = 0; i < 3; i++)
        {
            await table.WriteAsync(Row("a", "x", Now - Seconds(1)));
            await server.RunAsync("SCRIPT", "FLUSH");

            Assert.Equal(["a"], await table.Table.RemoveExpiredAsync(Now, CancellationToken.None));
        }
    }
}
