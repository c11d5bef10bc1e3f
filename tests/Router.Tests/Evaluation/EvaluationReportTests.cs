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
    public void Figures_NoPrompts_AreZero()
    {
        var report = new EvaluationReport([]);

        Assert.Equal((0, 0, 0, 0), (report.Accuracy, report.MacroF1, report.CalibrationError, report.Percentile(0.5)));
    }

    private int _line;

    private EvaluatedPrompt Evaluated(string right, double coding, DecisionOutcome outcome, string taken)
    {
        var table = RouteTableLoader.Load(_folder.RoutesFile).Table!;
        RouteScore[] scores = [new("coding", coding), new("general", 1 - coding)];
        return new EvaluatedPrompt(new LabeledPrompt(Prompt.FromText("x"), right, ++_line), new Decision
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
