using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Evaluation.Baselines;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Evaluation.Baselines;

public sealed class BaselineEvaluatorTests : IDisposable
{
    private readonly RoutesFolder _folder = new(); // routes coding and general, the default

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Evaluate_TfIdfOfLabelledPrompts_LearnsThemAndIsTheSameTwice()
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        LabeledPrompt[] prompts = [.. Enumerable.Range(0, 40).Select(static i => i % 2 == 0
            ? new LabeledPrompt(Prompt.FromText($"write a function number {i} in python"), "coding", i + 1)
            : new LabeledPrompt(Prompt.FromText($"good morning my {i} friends, how are you?"), "general", i + 1))];
        var told = new List<int>();

        var first = TfIdfBaseline.Train(table, prompts, new Told(told), Token);
        var report = BaselineEvaluator.Evaluate(first, table, prompts, progress: null, Token);

        Assert.Equal((40, 1.0, 1.0), (first.Examples, report.Accuracy, report.LikeliestAccuracy));
        Assert.Equal(100, told[^1]);
        var second = TfIdfBaseline.Train(table, prompts, progress: null, Token);
        Assert.Equal(first.Classify("write a function"), second.Classify("write a function"));
        Assert.Equal(1, first.Classify("something else").Sum(), 9);
    }

    [Fact]
    public void Train_NoPrompts_UsesTheExamplesOfTheRoutes()
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

        var baseline = TfIdfBaseline.Train(table, prompts: null, progress: null, Token);

        Assert.Equal(6, baseline.Examples);
        Assert.True(baseline.Classify("Fix this bug")[0] > 0.5);
    }

    [Fact]
    public void Vote_NoNeighbours_KnowsNothing() => Assert.Equal([0.5, 0.5], NearestNeighboursBaseline.Vote(RouteTableLoader.Load(_folder.RoutesFile).Table!, []));

    [Fact]
    public void Vote_FiveNeighbours_CountAsMuchAsTheyResemble()
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;

        var votes = NearestNeighboursBaseline.Vote(table, [new("coding", "a", 0.9), new("general", "b", 0.6), new("general", "c", -0.5)]);

        Assert.Equal([0.6, 0.4], votes.Select(static vote => Math.Round(vote, 9)));
    }

    private sealed class Told(List<int> values) : IProgress<int>
    {
        public void Report(int value) => values.Add(value);
    }
}
