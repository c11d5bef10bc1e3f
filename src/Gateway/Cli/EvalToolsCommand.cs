using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Measures the selection of tools.</summary>
internal static class EvalToolsCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Holds tools.jsonl (a tool a line, as it is registered) and queries.jsonl (lines with \"text\", \"tools\": the right names, and \"set\")." };
        var routes = ServeCommand.RoutesOption();
        var split = new Option<string?>("--split") { Description = "Only the queries with this \"split\"." };
        var atLeast = new Option<int>("--at-least") { Description = "Fill the registry up to so many tools with copies under other names, for times; recall is then no longer comparable." };
        var command = new Command("tools", "Measure how often the right tools are selected for a prompt, and how long that takes.") { folder, routes, split, atLeast };
        command.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetValue(folder)!, arguments.GetValue(routes)!, arguments.GetValue(split), arguments.GetValue(atLeast), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string folder, string routesFile, string? split, int atLeast, CancellationToken cancellationToken)
    {
        ToolEvaluationFiles files;
        try
        {
            files = ToolEvaluationFiles.Read(folder, split);
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.BadInput;
        }

        await using var router = await StandaloneRouter.LoadAsync(routesFile, text: null, cancellationToken);
        if (router is null)
        {
            return ExitCodes.BadInput;
        }

        var evaluation = await ToolEvaluation.CreateAsync(router.Embedder, router.Table, files.WithAtLeast(atLeast), cancellationToken);
        Terminal.Output.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{files.Tools.Count} tools, {files.Queries.Count} prompts; share of the right tools among the first k");
        await WriteAsync(evaluation, files, cancellationToken);
        return ExitCodes.Success;
    }

    private static async Task WriteAsync(ToolEvaluation evaluation, ToolEvaluationFiles files, CancellationToken cancellationToken)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("set", "by");
        foreach (var column in ToolRecall.Depths.Select(static k => $"@{k}").Concat(["p50 ms", "p99 ms"]))
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var set in files.Queries.GroupBy(static query => query.Set))
        {
            foreach (var way in ToolEvaluation.Ways)
            {
                var recall = await evaluation.MeasureAsync(way, [.. set], cancellationToken);
                table.AddRow([
                    $"{set.Key} ({set.Count()})".EscapeMarkup(), way.Name.EscapeMarkup(),
                    .. recall.Shares.Select(static share => (100 * share).ToString("F1", CultureInfo.InvariantCulture)),
                    .. new[] { recall.Percentile(0.5), recall.Percentile(0.99) }.Select(static ms => ms.ToString("F2", CultureInfo.InvariantCulture)),
                ]);
            }
        }

        Terminal.Output.Write(table);
    }
}
