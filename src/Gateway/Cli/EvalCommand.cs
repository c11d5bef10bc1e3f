using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Measures the router on labelled prompts.</summary>
internal static class EvalCommand
{
    private const int WorstShown = 20;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Labelled prompts: JSON lines with \"text\" (or \"messages\") and \"label\", or CSV with these columns." };
        var routes = ServeCommand.RoutesOption();
        var json = new Option<bool>("--json") { Description = "Write the figures as JSON." };
        var minAccuracy = new Option<double?>("--min-accuracy") { Description = "Exit with 1 when fewer prompts take their route, 0 to 1." };
        var command = new Command("eval", "Measure the router on labelled prompts.") { file, routes, json, minAccuracy };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            IReadOnlyList<LabeledPrompt> prompts;
            try
            {
                prompts = LabeledPromptFile.Read(arguments.GetValue(file)!);
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(e.Message);
                return ExitCodes.BadInput;
            }

            await using var router = await StandaloneRouter.LoadAsync(arguments.GetValue(routes)!, cancellationToken);
            if (router is null)
            {
                return ExitCodes.BadInput;
            }

            var unknown = prompts.FirstOrDefault(prompt => !router.Table.RoutesById.ContainsKey(prompt.RouteId));
            if (prompts.Count == 0 || unknown is not null)
            {
                await Console.Error.WriteLineAsync(unknown is null
                    ? $"{arguments.GetValue(file)} holds no prompts"
                    : $"{arguments.GetValue(file)}:{unknown.Line}: the label \"{unknown.RouteId}\" is no route of {arguments.GetValue(routes)}, which has {string.Join(", ", router.Table.Routes.Select(static route => route.Id))}");
                return ExitCodes.BadInput;
            }

            var report = await EvaluateAsync(router, prompts, cancellationToken);
            if (arguments.GetValue(json))
            {
                await WriteJsonAsync(report);
            }
            else
            {
                Write(report);
            }

            return report.Accuracy >= (arguments.GetValue(minAccuracy) ?? 0) ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static Task<EvaluationReport> EvaluateAsync(StandaloneRouter router, IReadOnlyList<LabeledPrompt> prompts, CancellationToken cancellationToken)
    {
        // on standard error, so that the figures can be piped
        if (!Terminal.Error.Profile.Capabilities.Interactive)
        {
            return RouterEvaluator.EvaluateAsync(router.Router, prompts, progress: null, cancellationToken);
        }

        return Terminal.Error.Progress().AutoClear(true).StartAsync(progress =>
        {
            var task = progress.AddTask("deciding", maxValue: prompts.Count);
            return RouterEvaluator.EvaluateAsync(router.Router, prompts, new Follower(task), cancellationToken);
        });
    }

    private static void Write(EvaluationReport report)
    {
        Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{report.Prompts.Count} prompts: accuracy [bold]{report.Accuracy:P2}[/] (likeliest route {report.LikeliestAccuracy:P2}, abstained {report.Abstained:P2}), macro-F1 {report.MacroF1:F4}, calibration error {report.CalibrationError:F4}");
        Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"a decision took {report.Percentile(0.5):F2} ms (p50), {report.Percentile(0.99):F2} ms (p99)");
        Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"decided by: {string.Join(", ", report.Outcomes.Select(static share => string.Create(CultureInfo.InvariantCulture, $"{share.Outcome.ToHeaderValue()} {share.Share:P1}")))}");
        var table = new Table().Border(TableBorder.Simple).AddColumn("right \\ taken");
        foreach (var id in report.RouteIds.Append("precision").Append("recall").Append("F1"))
        {
            table.AddColumn(new TableColumn(id.EscapeMarkup()).RightAligned());
        }

        foreach (var route in report.Routes)
        {
            table.AddRow([
                route.RouteId.EscapeMarkup(),
                .. report.RouteIds.Select(taken => report.Count(route.RouteId, taken).ToString(CultureInfo.InvariantCulture)),
                .. new[] { route.Precision, route.Recall, route.F1 }.Select(static figure => figure.ToString("F3", CultureInfo.InvariantCulture)),
            ]);
        }

        Terminal.Output.Write(table);
        foreach (var prompt in report.Worst.Take(WorstShown))
        {
            Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"line {prompt.Labeled.Line}: {prompt.Labeled.RouteId} ({prompt.ProbabilityOfTheRightOne:F2}) took {prompt.Taken} ({prompt.Decision.Outcome}, {prompt.Decision.Confidence:F2}): {Shorten(prompt.Labeled.Prompt.Messages[^1].Text)}"));
        }
    }

    private static async Task WriteJsonAsync(EvaluationReport report)
    {
        await using var output = Console.OpenStandardOutput();
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("prompts"u8, report.Prompts.Count);
        json.WriteNumber("accuracy"u8, report.Accuracy);
        json.WriteNumber("likeliestAccuracy"u8, report.LikeliestAccuracy);
        json.WriteNumber("abstained"u8, report.Abstained);
        json.WriteStartObject("outcomes"u8);
        foreach (var (outcome, share) in report.Outcomes)
        {
            json.WriteNumber(outcome.ToHeaderValue(), share);
        }

        json.WriteEndObject();
        json.WriteNumber("macroF1"u8, report.MacroF1);
        json.WriteNumber("calibrationError"u8, report.CalibrationError);
        json.WriteStartObject("decisionMs"u8);
        json.WriteNumber("p50"u8, report.Percentile(0.5));
        json.WriteNumber("p99"u8, report.Percentile(0.99));
        json.WriteEndObject();
        json.WriteStartArray("routes"u8);
        foreach (var route in report.Routes)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, route.RouteId);
            json.WriteNumber("prompts"u8, route.Prompts);
            json.WriteNumber("precision"u8, route.Precision);
            json.WriteNumber("recall"u8, route.Recall);
            json.WriteNumber("f1"u8, route.F1);
            json.WriteStartObject("taken"u8);
            foreach (var taken in report.RouteIds)
            {
                json.WriteNumber(taken, report.Count(route.RouteId, taken));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 100 ? line : line[..100] + "...";
    }

    // IProgress<T>'s usual implementation posts to the thread pool, where reports overtake each other
    private sealed class Follower(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
