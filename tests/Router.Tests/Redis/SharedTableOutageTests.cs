using RouterGateway.Router.Redis;
using static RouterGateway.Router.Tests.Redis.TableUnderTest;

namespace RouterGateway.Router.Tests.Redis;

public sealed class SharedTableOutageTests
{
    [Fact]
    public async Task Changed_ServerRestartsEmpty_IsRaisedAndTheTableWorks()
    {
        using var server = await RedisServer.StartAsync();
        await using var one = await ConnectAsync(server);
        await using var other = await ConnectAsync(server);
        await one.WriteAsync(Row("a", "1"));

        await other.IsToldAsync(
            async () =>
            {
                server.Kill();
                await server.RestartAsync();
            },
            "the server is another one");
        await other.WorksAsync();
        var empty = await other.ReadAsync();
        await one.WorksAsync();
        await other.IsToldAsync(() => one.WriteAsync(Row("b", "2")), "it goes on");

        Assert.Empty(empty);
        Assert.Equal(["b=2"], await other.ReadAsync());
    }

    [Fact]
    public async Task Changed_ServerLosesItsData_IsRaised()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.IsToldAsync(() => table.WriteAsync(Row("a", "1")), "its own write");

        await table.IsToldAsync(() => server.RunAsync("FLUSHALL"), "nothing is left");

        Assert.Empty(await table.ReadAsync());
    }

    [Fact]
    public async Task Changed_ServerGoesOnAfterAPause_IsRaisedThoughNothingChanged()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        await table.WriteAsync(Row("a", "1"));

        await table.IsToldAsync(
            async () =>
            {
                server.Pause();
                await Eventually.TrueAsync(() => !table.Store.Store.GetStatus()!.IsWell, "it is lost");
                server.Resume();
            },
            "the server is back");

        await table.WorksAsync();
        Assert.Equal(["a=1"], await table.ReadAsync());
    }

    [Fact]
    public async Task AllCalls_ServerHangs_EndAndWorkOnceItGoesOn()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        server.Pause();

        var failures = await Task.WhenAll(Calls(table.Table).Select(static call => Assert.ThrowsAsync<RedisUnavailableException>(call)));
        server.Resume();
        await table.WorksAsync();

        Assert.All(failures, failure => Assert.StartsWith($"127.0.0.1:{server.Port} ", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AllCalls_ConnectionDiesSilently_EndAndWorkOnAnotherOne()
    {
        using var server = await RedisServer.StartAsync();
        using var network = new FakeNetwork(server.Port);
        await using var table = await ConnectAsync(server.Settings with { Configuration = $"127.0.0.1:{network.Port}" });

        await table.IsToldAsync(
            async () =>
            {
                network.ForgetConnections();
                await Task.WhenAll(Calls(table.Table).Select(static call => Assert.ThrowsAsync<RedisUnavailableException>(call)));
            },
            "the server is back");

        await table.WorksAsync();
    }

    [Fact]
    public async Task ReadAsync_Cancelled_Ends()
    {
        using var server = await RedisServer.StartAsync();
        await using var table = await ConnectAsync(server);
        server.Pause();
        using var cancel = new CancellationTokenSource();

        var read = table.Table.ReadAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        server.Resume();
    }

    [Fact]
    public async Task AllCalls_ServerIsDownAtTheStart_FailUntilItIsUp()
    {
        using var server = RedisServer.Down();
        await using var table = new TableUnderTest(server.Settings);

        var failures = await Task.WhenAll(Calls(table.Table).Select(static call => Assert.ThrowsAsync<RedisUnavailableException>(call)));
        var changesWhileDown = table.Changes;
        await table.IsToldAsync(() => server.RestartAsync(), "the server is up");
        await table.WorksAsync();

        Assert.True(table.Table.IsConfigured);
        Assert.Equal(0, changesWhileDown);
        Assert.All(failures, failure => Assert.Contains("cannot be connected to", failure.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AllCalls_NoServerIsNamed_SaySo()
    {
        await using var table = new TableUnderTest(null);

        var failures = await Task.WhenAll(Calls(table.Table).Select(static call => Assert.ThrowsAsync<RedisUnavailableException>(call)));

        Assert.False(table.Table.IsConfigured);
        Assert.All(failures, static failure => Assert.Equal("No Redis server is named: name one with decisions.redis in routes.json.", failure.Message));
    }

    internal static Func<Task>[] Calls(SharedTable table) =>
    [
        () => table.ReadAsync(CancellationToken.None),
        () => table.WriteAsync([Row("a", "1", Now)], ["b"], CancellationToken.None),
        () => table.RenewAsync(["a"], Now, CancellationToken.None),
        () => table.ReadLeasesAsync(CancellationToken.None),
        () => table.RemoveExpiredAsync(Now, CancellationToken.None),
    ];
}
