using System.Globalization;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Writes figures for people.</summary>
internal static class EvaluationView
{
    private const int LongestText = 100;

    public static void Write(EvalResult result)
    {
        var report = result.Router.Report;
        Line($"{report.Prompts.Count} prompts: accuracy [bold]{report.Accuracy:P2}[/] (likeliest route {report.LikeliestAccuracy:P2}, abstained {report.Abstained:P2}), macro-F1 {report.MacroF1:F4}, calibration error {report.CalibrationError:F4}");
        Line($"a decision took {report.Percentile(0.5):F2} ms (p50), {report.Percentile(0.99):F2} ms (p99)");
        Line($"decided by: {string.Join(", ", report.Outcomes.Select(static share => string.Create(CultureInfo.InvariantCulture, $"{share.Outcome.ToHeaderValue()} {share.Share:P1}")))}");
        if (report.OutOfScope > 0)
        {
            Line($"{report.OutOfScope} prompts belong to no route: abstained for {report.AbstainRecall:P2} of them, and for {report.FalseAbstains:P2} of the others");
        }

        if (result.ByTurn && report.LaterTurns == 0)
        {
            Line($"asked turn by turn: no row has more than one turn");
        }
        else if (result.ByTurn)
        {
            Line($"asked turn by turn: {report.SecondTurnStability:P2} of second turns kept the route of the first, {report.Switches:P2} of {report.LaterTurns} later turns changed it");
        }

        WriteConfusion(report);
        WriteGroups(report);
        WriteBaselines(result);
        WritePerturbed(result);
        WriteSimilarities(result);
        foreach (var (prompt, explanation) in result.Worst)
        {
            WriteWorst(prompt, explanation);
        }
    }

    private static void WriteConfusion(EvaluationReport report)
    {
        var table = Table("right \\ taken", [.. report.RouteIds, "precision", "recall", "F1"]);
        foreach (var route in report.Routes)
        {
            table.AddRow([
                route.RouteId.EscapeMarkup(),
                .. report.RouteIds.Select(taken => report.Count(route.RouteId, taken).ToString(CultureInfo.InvariantCulture)),
                .. new[] { route.Precision, route.Recall, route.F1 }.Select(static figure => figure.ToString("F3", CultureInfo.InvariantCulture)),
            ]);
        }

        Terminal.Output.Write(table);
    }

    private static void WriteGroups(EvaluationReport report)
    {
        if (!report.Groups.Any())
        {
            return;
        }

        var table = Table("group", ["prompts", "accuracy"]);
        foreach (var (group, prompts, accuracy) in report.Groups)
        {
            table.AddRow(group.EscapeMarkup(), prompts.ToString(CultureInfo.InvariantCulture), Share(accuracy));
        }

        Terminal.Output.Write(table);
    }

    private static void WriteBaselines(EvalResult result)
    {
        if (result.Baselines.Count == 0)
        {
            return;
        }

        var table = Table("", ["accuracy", "likeliest", "abstained", "macro-F1", "calibration error", "p50 ms", "p99 ms"]).AddColumn("from");
        foreach (var (name, trained, report, _) in result.Baselines.Prepend(result.Router))
        {
            table.AddRow([
                name, Share(report.Accuracy), Share(report.LikeliestAccuracy), Share(report.Abstained),
                .. new[] { report.MacroF1, report.CalibrationError }.Select(static figure => figure.ToString("F4", CultureInfo.InvariantCulture)),
                .. new[] { report.Percentile(0.5), report.Percentile(0.99) }.Select(static ms => ms.ToString("F2", CultureInfo.InvariantCulture)),
                trained.EscapeMarkup(),
            ]);
        }

        Terminal.Output.Write(table);
    }

    private static void WritePerturbed(EvalResult result)
    {
        if (result.Router.Perturbed.Count == 0)
        {
            return;
        }

        var table = Table("written differently", ["prompts changed", .. result.Baselines.Prepend(result.Router).SelectMany(static classifier => new[] { classifier.Name, "points lost" })]);
        for (var i = 0; i < result.Router.Perturbed.Count; i++)
        {
            var first = result.Router.Perturbed[i];
            table.AddRow([
                first.Perturbation.ToString().ToLowerInvariant(), first.Changed.ToString(CultureInfo.InvariantCulture),
                .. result.Baselines.Prepend(result.Router).SelectMany(classifier => new[]
                {
                    Share(classifier.Perturbed[i].Report.Accuracy),
                    classifier.Perturbed[i].CostPoints(classifier.Report).ToString("F2", CultureInfo.InvariantCulture),
                }),
            ]);
        }

        Terminal.Output.Write(table);
    }

    private static void WriteSimilarities(EvalResult result)
    {
        if (result.Similarities.Count == 0)
        {
            return;
        }

        var table = Table("similarity", ["prompts with a similar one before", "of another route"]);
        foreach (var (similarity, prompts, hits, falseHits) in result.Similarities)
        {
            table.AddRow(
                similarity.ToString("0.00##", CultureInfo.InvariantCulture),
                $"{hits} ({Share(hits / (double)Math.Max(1, prompts))})",
                $"{falseHits} ({Share(falseHits / (double)Math.Max(1, hits))})");
        }

        Terminal.Output.Write(table);
    }

    private static void WriteWorst(EvaluatedPrompt prompt, Explanation explanation)
    {
        var taken = prompt.Decision.Route.Id;
        Plain($"line {prompt.Labeled.Line}: {prompt.Labeled.RouteId} ({prompt.ProbabilityOfTheRightOne:F2}) took {taken} ({prompt.ProbabilityOfTheTakenOne:F2}, {prompt.Decision.Outcome.ToHeaderValue()}): {ExplanationView.OneLine(explanation.Ask, LongestText)}");
        if (explanation.Inspection is { Nearest: [var nearest, ..] })
        {
            Plain($"    nearest: {nearest.RouteId} ({nearest.Similarity:F3}): {ExplanationView.OneLine(nearest.Text, LongestText)}");
        }
    }

    private static Table Table(string first, IEnumerable<string> columns)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(first.EscapeMarkup());
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(column.EscapeMarkup()).RightAligned());
        }

        return table;
    }

    private static string Share(double share) => share.ToString("P2", CultureInfo.InvariantCulture);

    private static void Line(FormattableString line) => Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, line);

    private static void Plain(FormattableString line) => Terminal.Output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
