using System.Collections.Concurrent;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisStoreObservedTests
{
    [Fact]
    public async Task GetAsync_GivenUpAndLaterFailed_LeavesNoExceptionUnobserved()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs args) => unobserved.Enqueue(args.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        using (var server = await RedisServer.StartAsync())
        {
            await using var store = await StoreUnderTest.ConnectAsync(server);
            server.Pause();
            store.Set("id", "x");
            await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await store.GetAsync("id")));
            server.Kill();
            await store.MeasureAsync("paused, then killed", TimeSpan.FromSeconds(1));
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        TaskScheduler.UnobservedTaskException -= Note;

        Assert.DoesNotContain(unobserved, static fault => fault.ToString().Contains("RouterGateway.Router.Redis", StringComparison.Ordinal) || fault.InnerException is StackExchange.Redis.RedisException or TimeoutException);
    }
}
