using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Evaluation;

public sealed class EvaluationReportTests : IDisposable
{
    private readonly RoutesFolder _folder = new(); // routes coding and general, the default

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Figures_FourPrompts_AreThoseCountedByHand()
    {
        var report = new EvaluationReport([
            Evaluated("coding", coding: 0.9, DecisionOutcome.Classified, "coding"),
            Evaluated("coding", coding: 0.52, DecisionOutcome.DefaultLowConfidence, "general"),
            Evaluated("general", coding: 0.2, DecisionOutcome.Classified, "general"),
            Evaluated("general", coding: 0.7, DecisionOutcome.Classified, "coding"),
        ]);

        Assert.Equal(0.5, report.Accuracy);
        Assert.Equal(0.75, report.LikeliestAccuracy);
        Assert.Equal(0.25, report.Abstained);
        Assert.Equal([new RouteFigures("coding", 2, 0.5, 0.5), new RouteFigures("general", 2, 0.5, 0.5)], report.Routes);
        Assert.Equal(0.5, report.MacroF1);
        Assert.Equal(1, report.Count("general", "coding"));
        // four bins of one prompt each: |0.9-1|, |0.52-1|, |0.8-1|, |0.7-0|
        Assert.Equal((0.1 + 0.48 + 0.2 + 0.7) / 4, report.CalibrationError, 9);
        Assert.Equal([4, 2], report.Worst.Select(static prompt => prompt.Labeled.Line));
    }

    [Fact]
    public void Figures_PromptsOfNoRoute_AreRightWhenAbstained()
    {
        var report = new EvaluationReport([
            Evaluated("coding", coding: 0.9, DecisionOutcome.Classified, "coding"),
            Evaluated("general", coding: 0.52, DecisionOutcome.DefaultLowConfidence, "general"),
            Evaluated("oos", coding: 0.54, DecisionOutcome.DefaultLowConfidence, "general", isOutOfScope: true),
            Evaluated("oos", coding: 0.8, DecisionOutcome.Classified, "coding", isOutOfScope: true),
        ]);

        Assert.Equal((0.75, 0.5, 2), (report.Accuracy, report.LikeliestAccuracy, report.OutOfScope));
        Assert.Equal((0.5, 0.5), (report.AbstainRecall, report.FalseAbstains));
        Assert.Equal([4], report.Worst.Select(static prompt => prompt.Labeled.Line));
        Assert.Equal((1, 1), (report.Count("oos", "oos"), report.Count("oos", "coding")));
        Assert.Equal((2 / 3.0 + 1) / 2, report.MacroF1, 9); // of coding and general
    }

    [Fact]
    public void Groups_PromptsOfTwoSources_HaveTheirOwnAccuracy()
    {
        var right = Evaluated("coding", coding: 0.9, DecisionOutcome.Classified, "coding");
        var wrong = Evaluated("general", coding: 0.9, DecisionOutcome.Classified, "coding");

        var report = new EvaluationReport([Of(right, "b"), Of(wrong, "b"), Of(right, "a")]);

        Assert.Equal([("a", 1, 1.0), ("b", 2, 0.5)], report.Groups);

        static EvaluatedPrompt Of(EvaluatedPrompt prompt, string group) => prompt with { Labeled = prompt.Labeled with { Group = group } };
    }

    [Fact]
    public void Figures_NoPrompts_AreZero()
    {
        var report = new EvaluationReport([]);

        Assert.Equal((0, 0, 0, 0), (report.Accuracy, report.MacroF1, report.CalibrationError, report.Percentile(0.5)));
    }

    private int _line;

    private EvaluatedPrompt Evaluated(string right, double coding, DecisionOutcome outcome, string taken, bool isOutOfScope = false)
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        RouteScore[] scores = [new("coding", coding), new("general", 1 - coding)];
        return new EvaluatedPrompt(new LabeledPrompt(Prompt.FromText("x"), right, ++_line) { IsOutOfScope = isOutOfScope }, new Decision
        {
            Id = "1",
            Table = table,
            Route = table.RoutesById[taken],
            Confidence = scores.Max(static score => score.Probability),
            Outcome = outcome,
            Scores = [.. scores.OrderByDescending(static score => score.Probability)],
        });
    }
}
