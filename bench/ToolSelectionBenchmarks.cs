using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Cli;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router;
using RouterGateway.Router.Routes;

namespace RouterGateway.Benchmarks;

/// <summary>The 8 best of 1,000 tools for the prompts of tests/Golden/tools, one caller: index, queue, tokenise, embed, search.</summary>
[MemoryDiagnoser]
public class ToolSelectionBenchmarks
{
    private const int Tools = 1_000;

    private ServiceProvider _services = null!;
    private ToolSelector _selector = null!;
    private ToolIndexSnapshot _snapshot = null!;
    private ToolView _view = null!;
    private RouteTable _table = null!;
    private ToolQuery[] _queries = null!;
    private int _next;

    [GlobalSetup]
    public void Setup() => SetupAsync().GetAwaiter().GetResult(); // in process, BenchmarkDotNet does not wait for a task

    [GlobalCleanup]
    public void Cleanup()
    {
        _services.GetRequiredService<ToolIndex>().StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        _services.Dispose();
    }

    [Benchmark]
    public async Task<int> Select() => (await _selector.SelectAsync(_table, "somebody", Next(), CancellationToken.None)).Count;

    /// <summary>What remains when the model is broken, or gone.</summary>
    [Benchmark]
    public int SelectByWordsAlone() => ToolSearch.Find(_snapshot, _view, Next(), [], FusionWeights.WordsAlone).Count;

    private ToolQuery Next() => _queries[_next++ % _queries.Length];

    private async Task SetupAsync()
    {
        _services = new ServiceCollection().AddLogging().AddPromptRouter(static options => (options.RoutesFile, options.Remembers) = (Shipped.PathOf("routes.json"), false)).AddTools().BuildServiceProvider();
        var monitor = _services.GetRequiredService<RouteTableMonitor>();
        await monitor.ReloadAsync();
        var files = ToolEvaluationFiles.Read(Shipped.PathOf("tests/Golden/tools"), split: null).WithAtLeast(Tools);
        var registry = _services.GetRequiredService<ToolRegistry>();
        registry.SetServerTools("benchmark", files.Tools);
        var index = _services.GetRequiredService<ToolIndex>();
        await index.StartAsync(CancellationToken.None);
        while (index.Current.Vectors.Known < Tools)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        (_selector, _table, _snapshot, _view) = (_services.GetRequiredService<ToolSelector>(), monitor.Current, index.Current, registry.Current.For("somebody"));
        _queries = [.. files.Queries.Select(static query => new ToolQuery { Text = query.Text, Top = 8 })];
    }
}
