using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Scoring;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Scoring;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests.Scoring;

/// <summary>With a shipped decoder as the scorer: it is no judge of routes, but every number must be right.</summary>
public sealed class RouteScorerTests : IDisposable
{
    private const string Text = "What is the fastest way to sort a linked list?";

    private readonly RoutesFolder _folder = new();
    private readonly string _scorerFolder = Repository.PathOf("models", "sample-coding");

    public RouteScorerTests()
    {
        ShippedRoutes.SkipWithoutModels();
        _folder.Write(Routes(debias: false));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Classify_AText_IsTheSoftmaxOverTheLabels(bool debias)
    {
        _folder.Write(Routes(debias));
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        var scorer = await PreparedAsync(table);

        var actual = Classify(scorer, table, Text);

        var expected = Expected(table, debias);
        TestContext.Current.TestOutputHelper?.WriteLine($"debias {debias}: {string.Join(", ", actual.Probabilities.Select(static p => p.ToString("F4", null)))}");
        Assert.Equal(1, actual.Probabilities.Sum(), 1e-6);
        Assert.All(expected.Zip(actual.Probabilities), static pair => Assert.Equal(pair.First, pair.Second, 0.02)); // int8 against float32
    }

    [Fact]
    public void SoftMax_LargeLogits_AreProbabilities()
    {
        float[] logits = [1000, 1000, -1000];

        RouteScorer.SoftMax(logits);

        Assert.Equal([0.5f, 0.5f, 0], logits);
    }

    [Fact]
    public async Task Classify_RoutesInAnotherOrder_AreAsLikely()
    {
        var first = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        var before = Classify(await PreparedAsync(first), first, Text);

        _folder.Write(Routes(debias: false, reverse: true));
        var second = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        var after = Classify(await PreparedAsync(second), second, Text);

        Assert.Equal(before.Probabilities, after.Probabilities.Reverse());
    }

    [Fact]
    public async Task Classify_ALongText_ReadsHeadAndTail()
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        var scorer = await PreparedAsync(table);

        var seen = Classify(scorer, table, string.Concat(Enumerable.Repeat(Text + "\n\uD800\0", 200)));

        Assert.True(seen.Truncated);
        Assert.True(seen.TextTokens > 512);
        Assert.Equal(1, seen.Probabilities.Sum(), 1e-6);
    }

    [Fact]
    public async Task Classify_ATableThatWasNotPrepared_Throws()
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

        Assert.Throws<InvalidOperationException>(() => Classify(new RouteScorer(NullLogger<RouteScorer>.Instance), table, Text));
        Assert.Equal("none", new RouteScorer(NullLogger<RouteScorer>.Instance).Device);
        Assert.Equal("cpu", (await PreparedAsync(table)).Device);
    }

    [Fact]
    public async Task PrepareAsync_AListLongerThanTheContext_SaysSo()
    {
        _folder.Write(Routes(debias: false).Replace("\"Chat\"", "\"" + string.Concat(Enumerable.Repeat("Small talk. ", 1000)) + "\"", StringComparison.Ordinal));
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

        var fault = await Assert.ThrowsAsync<ModelFolderException>(() => PreparedAsync(table));

        Assert.Contains("shorten their descriptions", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PrepareAsync_MoreRoutesThanLabels_SaysSo()
    {
        var more = string.Concat(Enumerable.Range(0, 60).Select(static i => $$""", { "id": "r{{i}}", "description": "{{i}}", "cluster": "chat", "examples": ["x{{i}}"] }"""));
        _folder.Write(Routes(debias: false).Replace("[\"1 + 1\"] }", "[\"1 + 1\"] }" + more, StringComparison.Ordinal));
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

        var fault = await Assert.ThrowsAsync<ModelFolderException>(() => PreparedAsync(table));

        Assert.Contains("62 letters and digits that are tokens of their own, and there are 63 routes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RouteAsync_64AtOnce_DecideAsOneByOne()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0), scorer: new RouteScorer(NullLogger<RouteScorer>.Instance));
        var prompts = Enumerable.Range(0, 64).Select(static i => Prompt.FromText($"{Text} Attempt {i}, with {i * i} items.")).ToArray();
        var alone = new List<Decision>();
        foreach (var prompt in prompts)
        {
            alone.Add(await router.Router.RouteAsync(prompt, Token));
        }

        var together = await Task.WhenAll(prompts.Select(prompt => router.Router.RouteAsync(prompt, Token).AsTask()));

        Assert.All(alone, static decision => Assert.Equal(3, decision.Scores.Length));
        Assert.Equal(alone.Select(static d => (d.Outcome, d.Confidence, d.Route.Id)), together.Select(static d => (d.Outcome, d.Confidence, d.Route.Id)));
    }

    [Fact]
    public async Task ReloadAsync_UnderLoad_SwapsThePrefixAndFailsNobody()
    {
        using var router = await TestRouter.CreateAsync(_folder.RoutesFile, new FixedClassifier(0), scorer: new RouteScorer(NullLogger<RouteScorer>.Instance));
        var first = router.Routes.Current;
        using var done = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var decisions = new List<Decision>();
            while (!done.IsCancellationRequested)
            {
                decisions.Add(await router.Router.RouteAsync(Prompt.FromText(Text), Token));
            }

            return decisions;
        })).ToArray();

        for (var i = 0; i < 5; i++)
        {
            _folder.Write(Routes(debias: i % 2 == 0).Replace("Code", $"Code of kind {i}", StringComparison.Ordinal));
            Assert.True(await router.Routes.ReloadAsync(Token));
        }

        await done.CancelAsync();
        var decisions = (await Task.WhenAll(clients)).SelectMany(static list => list).ToArray();
        var last = await router.Router.RouteAsync(Prompt.FromText(Text), Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{decisions.Length} decisions by {decisions.Select(static d => d.Table).Distinct().Count()} tables");
        Assert.All(decisions, static decision => Assert.True(decision.DecidedBy is DecisionOutcome.Scored or DecisionOutcome.DefaultLowConfidence, decision.Outcome.ToString()));
        Assert.NotSame(first, last.Table);
        Assert.Equal(5, router.Routes.Reloads);
        Assert.Equal(Expected(last.Table, debias: true).Max(), last.Confidence, 0.02); // over the new list
    }

    private static async Task<RouteScorer> PreparedAsync(RouteTable table)
    {
        var scorer = new RouteScorer(NullLogger<RouteScorer>.Instance);
        await scorer.PrepareAsync(table, Token);
        return scorer;
    }

    private static Router.Classification.Classification Classify(RouteScorer scorer, RouteTable table, string text)
    {
        var results = new Router.Classification.Classification[1];
        scorer.Classify([new ClassificationInput(table, text)], results);
        return results[0];
    }

    // Without a shared prefix, in float32.
    private double[] Expected(RouteTable table, bool debias)
    {
        using var model = LabelScorer.Load(_scorerFolder, DevicePreference.Cpu, NullLogger.Instance, PrefixPrecision.Exact);
        var labels = LabelSet.Choose(model.Frame, table.Routes.Length);
        var sorted = table.Routes.OrderBy(static route => route.Id, StringComparer.Ordinal).ToArray();
        var expected = new double[table.Routes.Length];
        foreach (var order in debias ? [sorted, sorted.Reverse().ToArray()] : new[] { sorted })
        {
            int[] tokens = [.. model.Frame.EncodeOpening(RoutePrompt.Instructions(order, labels.Labels)), .. model.Frame.EncodeText(Text), .. model.Frame.EncodeClosing(RoutePrompt.Question)];
            using var first = model.Prefill(tokens[..1]);
            var p = new float[labels.Tokens.Length];
            model.Score(first, tokens.AsSpan(1), labels.Tokens, p);
            TensorPrimitives.SoftMax(p, p);
            for (var i = 0; i < order.Length; i++)
            {
                expected[table.Routes.IndexOf(order[i])] += p[i] / (debias ? 2 : 1);
            }
        }

        return expected;
    }

    private string Routes(bool debias, bool reverse = false)
    {
        string[] routes = [
            """{ "id": "coding", "description": "Code\n and programs", "cluster": "chat", "examples": ["Write a loop"] }""",
            """{ "id": "general", "description": "Chat", "cluster": "chat", "examples": ["Hello"] }""",
            """{ "id": "sums", "description": "Arithmetic and proofs", "cluster": "chat", "examples": ["1 + 1"] }"""];
        return $$"""
            {
              "router": { "classifier": null, "scorer": "{{_scorerFolder}}", "scorerDebias": {{(debias ? "true" : "false")}}, "device": "cpu", "deadline": "60s", "defaultRoute": "general" },
              "clusters": { "chat": { "destinations": { "a": "http://a:8000/" } } },
              "routes": [{{string.Join(", ", reverse ? routes.Reverse() : routes)}}]
            }
            """;
    }
}
