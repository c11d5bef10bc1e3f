using RouterGateway.Router.Redis;
using static RouterGateway.Router.Tests.Redis.TableUnderTest;

namespace RouterGateway.Router.Tests.Redis;

public sealed class SharedTableServerErrorTests
{
    [Theory]
    [InlineData("test:tools", "ReadAsync WriteAsync RenewAsync RemoveExpiredAsync")]
    [InlineData("test:tools:leases", "ReadAsync WriteAsync RenewAsync ReadLeasesAsync RemoveExpiredAsync")]
    [InlineData("test:tools:version", "ReadAsync WriteAsync")]
    public async Task AllCalls_KeyHasAnotherType_NameItAndChangeNothing(string key, string refused)
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "1", Now), Row("expired", "1", Now - Seconds(1)));
        await server.RunAsync("DEL", key);
        await server.RunAsync("LPUSH", key, "not", "ours");
        var keys = await server.RunAsync("KEYS", "*");
        string[] names = ["ReadAsync", "WriteAsync", "RenewAsync", "ReadLeasesAsync", "RemoveExpiredAsync"];
        var calls = names.Zip(SharedTableOutageTests.Calls(table.Table)).Where(call => refused.Split(' ').Contains(call.First));

        var failures = await Task.WhenAll(calls.Select(static call => Assert.ThrowsAsync<RedisUnavailableException>(call.Second)));
        var (type, keysAfter) = (await server.RunAsync("TYPE", key), await server.RunAsync("KEYS", "*"));
        await server.RunAsync("DEL", key);
        await table.WorksAsync();

        Assert.All(failures, failure => Assert.Equal(
            $"127.0.0.1:{server.Port} holds a List of somebody else under the key \"{key}\", where gateways share what they know of tools: delete it, or choose another decisions.redisPrefix.",
            failure.Message));
        Assert.Equal("list", type);
        Assert.Equal(keys.Split('\n').Order(), keysAfter.Split('\n').Order());
    }

    [Fact]
    public async Task Changed_VersionHasAnotherType_HeartbeatGoesOnAndTellsWhenItIsPutRight()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await server.RunAsync("LPUSH", "test:tools:version", "not", "ours");
        await Eventually.TrueAsync(async () => (await server.RunAsync("INFO", "errorstats")).Contains("WRONGTYPE", StringComparison.Ordinal), "it was read");
        await table.Store.WorksAsync();

        await table.IsToldAsync(() => server.RunAsync("DEL", "test:tools:version"), "it is put right");

        Assert.True(table.Store.Store.GetStatus()!.IsWell);
        Assert.Empty(table.Store.Logged(2104));
    }

    [Fact]
    public async Task WriteAsync_ServerIsFull_SaysSoAndWritesNothing()
    {
        using var server = await RedisServer.StartAsync("--maxmemory-policy", "noeviction");
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "1"));
        await server.RunAsync("CONFIG", "SET", "maxmemory", "1");

        var failure = await Assert.ThrowsAsync<RedisUnavailableException>(() => table.Table.WriteAsync([Row("b", "2")], ["a"], CancellationToken.None));
        var rows = await table.ReadAsync();
        await server.RunAsync("CONFIG", "SET", "maxmemory", "0");
        await table.WriteAsync(Row("c", "3"));

        Assert.Equal($"127.0.0.1:{server.Port} is full: raise its maxmemory, or set its maxmemory-policy to allkeys-lru.", failure.Message);
        Assert.Equal(["a=1"], rows);
        Assert.Equal(["a=1", "c=3"], await table.ReadAsync());
    }

    [Fact]
    public async Task WriteAsync_ServerBecomesAReplica_SaysSoAndWorksOnceItIsThePrimary()
    {
        using var nobody = RedisServer.Down();
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await server.RunAsync("REPLICAOF", "127.0.0.1", $"{nobody.Port}");

        // at first the server says so, later the client library knows of no primary
        for (var i = 0; i < 20; i++)
        {
            var failure = await Assert.ThrowsAsync<RedisUnavailableException>(() => table.WriteAsync(Row("a", "1")));
            Assert.Equal($"127.0.0.1:{server.Port} is a replica and takes no writes: name the primary in decisions.redis.", failure.Message);
            await Task.Delay(RedisLink.BeatEvery / 2);
        }

        await server.RunAsync("REPLICAOF", "NO", "ONE");
        await table.WorksAsync();
    }

    [Fact]
    public async Task RemoveExpiredAsync_ServerForbidsScripts_SaysSoAndTheRestWorks()
    {
        using var server = await RedisServer.StartAsync("--rename-command", "EVAL", "");
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "1", Now - Seconds(1)));

        var failure = await Assert.ThrowsAsync<RedisUnavailableException>(() => table.Table.RemoveExpiredAsync(Now, CancellationToken.None));

        Assert.Contains("EVAL", failure.Message, StringComparison.Ordinal);
        Assert.Empty(await table.Table.RenewAsync(["a"], Now, CancellationToken.None));
        Assert.Equal(["a=1"], await table.ReadAsync());
    }
}
