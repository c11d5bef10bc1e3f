using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Benchmarks;

/// <summary>A whole decision with the shipped routes: select, queue, tokenise, embed, head, policy.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private ServiceProvider _services = null!;
    private PromptRouter _router = null!;
    private Prompt _prompt = null!;

    [Params(16, 64, 512, 1024, 65536)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _services = new ServiceCollection().AddLogging().AddPromptRouter(static options => (options.RoutesFile, options.Remembers) = (Shipped.PathOf("routes.json"), false)).BuildServiceProvider();
        _services.GetRequiredService<RouteTableMonitor>().ReloadAsync().GetAwaiter().GetResult(); // in process, BenchmarkDotNet does not wait for a task
        _router = _services.GetRequiredService<PromptRouter>();
        _prompt = Prompt.FromText(Shipped.Prompt(Tokens));
    }

    [GlobalCleanup]
    public void Cleanup() => _services.Dispose();

    [Benchmark]
    public async Task<Decision> Decide() => await _router.RouteAsync(_prompt, CancellationToken.None);

    /// <summary>32 clients at once; the figure is for all of them.</summary>
    [Benchmark]
    public Task<Decision[]> DecideFor32Clients() =>
        Task.WhenAll(Enumerable.Range(0, 32).Select(_ => _router.RouteAsync(_prompt, CancellationToken.None).AsTask()));
}
