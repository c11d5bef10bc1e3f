using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RouterGateway.Router;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Benchmarks;

/// <summary>A whole decision with the shipped routes: by the model, from Redis, from memory; and one that a conversation keeps. Needs redis-server on the PATH.</summary>
[MemoryDiagnoser]
[Config(typeof(WithPercentiles))]
public class CacheBenchmarks
{
    private const int RedisPort = 16_379;
    private readonly Prompt _prompt = Prompt.FromText(Shipped.Prompt(64));
    private Process _redis = null!;
    private string _folder = null!;
    private ServiceProvider _uncached = null!;
    private ServiceProvider _memory = null!;
    private ServiceProvider _shared = null!;
    private Prompt _followUp = null!;

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("gateway-bench-").FullName;
        _redis = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{RedisPort}", "--save", "", "--dir", _folder]) { RedirectStandardOutput = true })!;
        SpinWait.SpinUntil(static () => IsListening(), TimeSpan.FromSeconds(10));
        _uncached = Create("", remembers: false);
        _memory = Create("", remembers: true);
        _shared = Create($"\"redis\": \"127.0.0.1:{RedisPort}\", \"memoryEntries\": 0", remembers: true);
        _followUp = _prompt with { SessionId = "s", Messages = [.. _prompt.Messages, new(PromptRole.Assistant, "Here it is."), new(PromptRole.User, "In Rust please")] };
        var first = Decide(_memory, _prompt).AsTask().GetAwaiter().GetResult(); // in process, BenchmarkDotNet does not wait for a task
        _memory.GetRequiredService<PromptRouter>().KeepSession(Decide(_memory, _prompt with { SessionId = "s" }).AsTask().GetAwaiter().GetResult(), first.Route.ClusterId, null);
        SpinWait.SpinUntil(() => Decide(_shared, _prompt).AsTask().GetAwaiter().GetResult().Outcome == DecisionOutcome.Cache, TimeSpan.FromSeconds(10));
        Require(_uncached, _prompt, DecisionOutcome.Classified);
        Require(_memory, _prompt, DecisionOutcome.Cache);
        Require(_shared, _prompt, DecisionOutcome.Cache);
        Require(_memory, _followUp, DecisionOutcome.Session);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var services in new[] { _uncached, _memory, _shared })
        {
            services.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        _redis.Kill();
        _redis.WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public async Task<Decision> ByTheModel() => await Decide(_uncached, _prompt);

    [Benchmark]
    public async Task<Decision> FromRedis() => await Decide(_shared, _prompt);

    [Benchmark]
    public async Task<Decision> FromMemory() => await Decide(_memory, _prompt);

    [Benchmark]
    public async Task<Decision> KeptByTheConversation() => await Decide(_memory, _followUp);

    private static ValueTask<Decision> Decide(ServiceProvider services, Prompt prompt) => services.GetRequiredService<PromptRouter>().RouteAsync(prompt, CancellationToken.None);

    private static void Require(ServiceProvider services, Prompt prompt, DecisionOutcome outcome)
    {
        if (Decide(services, prompt).AsTask().GetAwaiter().GetResult().Outcome is var actual && actual != outcome)
        {
            throw new InvalidOperationException($"Expected a decision with the outcome {outcome}, and it was {actual}.");
        }
    }

    private static bool IsListening()
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, RedisPort);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private ServiceProvider Create(string decisions, bool remembers)
    {
        var file = Path.Combine(_folder, $"routes-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, File.ReadAllText(Shipped.PathOf("routes.json"))
            .Replace("\"models/", $"\"{Shipped.PathOf("models")}/", StringComparison.Ordinal)
            .Replace("\"clusters\": {", $"\"decisions\": {{ {decisions} }}, \"clusters\": {{", StringComparison.Ordinal));
        var services = new ServiceCollection().AddLogging().AddPromptRouter(options => (options.RoutesFile, options.Remembers) = (file, remembers)).BuildServiceProvider();
        services.GetRequiredService<RouteTableMonitor>().ReloadAsync().GetAwaiter().GetResult();
        foreach (var hosted in services.GetServices<IHostedService>())
        {
            hosted.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        }

        return services;
    }

    private sealed class WithPercentiles : ManualConfig
    {
        public WithPercentiles() => AddColumn(StatisticColumn.P50, StatisticColumn.P95);
    }
}
