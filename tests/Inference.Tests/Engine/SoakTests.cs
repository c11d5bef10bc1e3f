using RouterGateway.Benchmarks.Conversations;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Engine;

/// <summary>Tests that nothing else runs beside, as they look at the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>A minute of conversations; <c>bench -- conversations</c> holds them for ten.</summary>
[Collection(Alone.Name)]
public sealed class SoakTests
{
    private const long MostGrowthBytes = 64L << 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Conversations_OfAMinute_LoseNothingAndLeaveNothing()
    {
        await using var server = await TestServer.StartAsync(kvPoolBytes: 640 * 16_000);
        await new ConversationLoad(server.Client, "sample-coding", seed: 1).RunAsync(10, 5, TimeSpan.FromSeconds(10), Cancellation);
        var before = WorkingSet();
        var load = new ConversationLoad(server.Client, "sample-coding", seed: 2);

        await load.RunAsync(sessions: 10, turns: 5, TimeSpan.FromSeconds(50), Cancellation);

        var growth = WorkingSet() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{load.Answers} answers, {load.Left} left, memory {growth / 1e6:+0.0;-0.0} MB");
        Assert.Empty(load.Faults);
        Assert.True(load.Answers >= 50 && load.Left > 0, $"{load.Answers} answers, {load.Left} left");
        Assert.True(load.CachedTokens.Where(static turn => turn.Key > 0).Sum(static turn => turn.Value) > 0, "no turn found what the one before had read");
        Assert.True(growth < MostGrowthBytes, $"memory grew by {growth / 1e6:F1} MB");
        await server.WaitForMetricAsync("vllm:num_requests_running", 0, Cancellation); // of those that left
        await server.WaitForMetricAsync("vllm:num_requests_waiting", 0, Cancellation);
        await server.WaitForMetricAsync("inference_kv_cache_used_bytes", 0, Cancellation);
        Assert.InRange(await server.ReadMetricAsync("inference_prefix_cache_bytes", Cancellation), 1, 640 * 16_000);
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
