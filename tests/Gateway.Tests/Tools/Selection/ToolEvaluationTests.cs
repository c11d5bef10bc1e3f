using System.Collections.Concurrent;
using RouterGateway.Gateway.Cli;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools.Selection;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>The shipped model on 803 public tools, with the prompts that nothing was chosen on (tests/Golden/tools).</summary>
public sealed class ToolEvaluationTests
{
    private const double OnePrompt = 1.0 / 80; // of the smallest set: vectors differ in their last digits from one processor to the next

    private static readonly string _folder = Path.Combine(RepositoryFiles.Root, "tests", "Golden", "tools");

    [Fact]
    public async Task Measure_HeldOutPrompts_FindsMoreThanWordsAndMeaningAlone()
    {
        var files = ToolEvaluationFiles.Read(_folder, "report");
        await using var router = await LoadAsync();
        var evaluation = await ToolEvaluation.CreateAsync(router.Embedder, router.Table, files, CancellationToken.None);
        var floors = new Dictionary<string, double[]> // at 1, 3, 5, 8 and 16; measured: docs/benchmarks.md
        {
            ["bfcl-simple"] = [0.745, 0.88, 0.93, 0.95, 0.96],
            ["bfcl-multiple"] = [0.77, 0.88, 0.91, 0.93, 0.95],
            ["metatool-multi"] = [0.18, 0.395, 0.52, 0.63, 0.75],
        };

        foreach (var set in files.Queries.GroupBy(static query => query.Set))
        {
            var shares = new List<double[]>();
            foreach (var way in ToolEvaluation.Ways)
            {
                shares.Add([.. (await evaluation.MeasureAsync(way, [.. set], CancellationToken.None)).Shares]);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{set.Key}: {string.Join(" | ", shares.Select(static s => string.Join(' ', s.Select(static share => share.ToString("P1")))))}");
            var (bm25, embedding, gateway) = (shares[0], shares[1], shares[3]);
            Assert.All(gateway.Index(), found => Assert.True(found.Item >= floors[set.Key][found.Index], $"{set.Key}, {found}"));
            Assert.All(gateway.Index(), found => Assert.True(found.Item >= bm25[found.Index] - OnePrompt && found.Item > embedding[found.Index], $"{set.Key}, {found}"));
            Assert.True(gateway.Average() > bm25.Average(), set.Key);
        }

        Assert.True(files.Tools.Count >= 700);
    }

    [Fact]
    public async Task Select_OnManyThreads_SelectsTheSame()
    {
        var files = ToolEvaluationFiles.Read(_folder, "tune");
        await using var router = await LoadAsync();
        var evaluation = await ToolEvaluation.CreateAsync(router.Embedder, router.Table, files, CancellationToken.None);
        var texts = files.Queries.Take(40).Select(static query => query.Text).ToArray();
        var expected = new List<IReadOnlyList<string>>();
        foreach (var text in texts)
        {
            expected.Add(await evaluation.SelectAsync(text, FusionWeights.Fused, CancellationToken.None));
        }

        var repeated = new ConcurrentQueue<(int Text, IReadOnlyList<string> Tools)>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 8 * texts.Length), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
            repeated.Enqueue((i % texts.Length, await evaluation.SelectAsync(texts[i % texts.Length], FusionWeights.Fused, cancellationToken))));

        Assert.Equal(8 * texts.Length, repeated.Count);
        Assert.All(repeated, answer => Assert.Equal(expected[answer.Text], answer.Tools));
    }

    [Fact]
    public void Read_ALineThatIsNoTool_NamesIt()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-tests-");
        File.WriteAllText(Path.Combine(folder.FullName, "tools.jsonl"), """
            {"name":"good"}
            {"name":"not good"}
            """);
        File.WriteAllText(Path.Combine(folder.FullName, "queries.jsonl"), "");

        var fault = Assert.Throws<FormatException>(() => ToolEvaluationFiles.Read(folder.FullName, split: null));

        Assert.Contains("tools.jsonl:2", fault.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static async Task<StandaloneRouter> LoadAsync()
    {
        var router = await StandaloneRouter.LoadAsync(Path.Combine(RepositoryFiles.Root, "routes.json"), text: null, CancellationToken.None);
        Assert.NotNull(router);
        return router;
    }
}
