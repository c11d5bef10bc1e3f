using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Decisions;

/// <summary>A whole gateway under load while its Redis is in trouble: every request is answered, and Redis is used again when it is well.</summary>
public sealed class RedisInTroubleTests : IDisposable
{
    private const int Clients = 8;
    private const int Prompts = 20;

    private readonly MoodyClassifier _model = new();
    private int _round;

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("down at start")]
    [InlineData("killed")]
    [InlineData("paused for 5 s")]
    [InlineData("full")]
    [InlineData("read-only")]
    [InlineData("restarted without its scripts")]
    [InlineData("wrong types in all keys")]
    public async Task Chat_RedisInTrouble_IsAnsweredAndRemembersAgainAfterwards(string trouble)
    {
        using var redis = RedisServer.Down();
        if (trouble != "down at start")
        {
            await redis.RestartAsync();
        }

        await using var backend = await FakeDestination.StartAnsweringAsync();
        // nothing in memory: what is remembered comes from Redis
        await using var gateway = await GatewayHost.StartAsync(
            GatewayHost.Cluster("main", backend.Address),
            GatewayHost.Route("general", "main") + "," + GatewayHost.Route("code", "main"),
            decisions: $"\"redis\": \"127.0.0.1:{redis.Port}\", \"memoryEntries\": 0",
            services: services => services.AddSingleton<IPromptClassifier>(_model),
            classifier: Path.Combine(RepositoryFiles.Root, "models", "router-nano"),
            deadline: "1m"); // a busy machine is no trouble of Redis
        var before = trouble == "down at start" ? [] : await UntilRememberedAsync(gateway, redis);

        var during = await LoadAsync(gateway, BeginAsync(redis, trouble));
        await EndAsync(redis, trouble);
        var well = Stopwatch.StartNew();
        var after = await UntilRememberedAsync(gateway, redis);

        TestContext.Current.TestOutputHelper?.WriteLine($"{trouble}: well {TimedAnswer.Figures(after)}; in trouble {TimedAnswer.Figures(during)}; used again {well.Elapsed.TotalSeconds:F1} s after it was well");
        Assert.All(before.Concat(during).Concat(after), static answer => Assert.Equal((HttpStatusCode.OK, "code"), (answer.Status, answer.Route)));
        Assert.All(during, static answer => Assert.True(answer.Outcome is "classified" or "cache", answer.Outcome));
    }

    private static async Task BeginAsync(RedisServer redis, string trouble)
    {
        switch (trouble)
        {
            case "killed":
                redis.Kill();
                break;
            case "paused for 5 s":
                redis.Pause();
                await Task.Delay(TimeSpan.FromSeconds(5));
                break;
            case "full":
                await redis.RunAsync("CONFIG", "SET", "maxmemory", "1");
                break;
            case "read-only":
                await redis.RunAsync("REPLICAOF", "127.0.0.1", "1");
                break;
            case "restarted without its scripts":
                redis.Kill();
                await redis.RestartAsync();
                await redis.RunAsync("SCRIPT", "FLUSH");
                break;
            case "wrong types in all keys":
                foreach (var key in (await redis.RunAsync("KEYS", "routergateway:*")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    await redis.RunAsync("DEL", key);
                    await redis.RunAsync("LPUSH", key, "x");
                }

                break;
        }
    }

    private static async Task EndAsync(RedisServer redis, string trouble)
    {
        switch (trouble)
        {
            case "down at start" or "killed":
                await redis.RestartAsync();
                break;
            case "paused for 5 s":
                redis.Resume();
                break;
            case "full":
                await redis.RunAsync("CONFIG", "SET", "maxmemory", "0");
                break;
            case "read-only":
                await redis.RunAsync("REPLICAOF", "NO", "ONE");
                break;
        }
    }

    // Requests until the trouble has been there for a while.
    private static async Task<List<TimedAnswer>> LoadAsync(GatewayHost gateway, Task trouble)
    {
        var answers = new List<TimedAnswer>();
        for (var round = 0; round < 10 || !trouble.IsCompleted; round++)
        {
            answers.AddRange(await AskAsync(gateway, $"{round % 3}"));
        }

        await trouble;
        return answers;
    }

    private async Task<List<TimedAnswer>> UntilRememberedAsync(GatewayHost gateway, RedisServer redis)
    {
        var answers = new List<TimedAnswer>();
        await Eventually.TrueAsync(
            async () =>
            {
                var round = $"new {_round++}";
                answers.AddRange(await AskAsync(gateway, round));
                var second = await AskAsync(gateway, round);
                answers.AddRange(second);
                return second.Exists(static answer => answer.Outcome == "cache");
            },
            $"the Redis on port {redis.Port} remembers");
        return answers;
    }

    private static async Task<List<TimedAnswer>> AskAsync(GatewayHost gateway, string round)
    {
        var answers = new ConcurrentBag<TimedAnswer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Prompts), new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (prompt, _) =>
            answers.Add(await TimedAnswer.AskAsync(gateway, $"Prompt number {prompt} of round {round}, unlike the others")));
        return [.. answers];
    }
}
