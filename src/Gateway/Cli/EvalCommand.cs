using System.CommandLine;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Evaluation.Baselines;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>Measures the router on labelled prompts.</summary>
internal static class EvalCommand
{
    private const string All = "all";
    private static readonly string[] _abstainLabels = ["oos", "none"];

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "Labelled prompts: JSON lines with \"text\" (or \"messages\") and \"label\", or CSV with these columns." };
        var routes = ServeCommand.RoutesOption();
        var text = ServeCommand.TextOption();
        var baseline = new Option<string[]>("--baseline") { Description = "Measure another classifier beside it: tfidf (a bag of words) or knn (the five nearest examples).", AllowMultipleArgumentsPerToken = true };
        baseline.AcceptOnlyFromAmong(TfIdfBaseline.CommandLineName, NearestNeighboursBaseline.CommandLineName);
        var baselineTrain = new Option<string?>("--baseline-train") { Description = "Labelled prompts that tfidf is trained on; by default the examples of the routes." };
        var perturb = new Option<string[]>("--perturb") { Description = "Measure also with typos, another casing, or without final punctuation; all: each of these. topic: after a prompt of another label.", AllowMultipleArgumentsPerToken = true };
        perturb.AcceptOnlyFromAmong([.. Enum.GetNames<Perturbation>().Select(static name => name.ToLowerInvariant()), All]);
        var abstainLabel = new Option<string[]>("--abstain-label") { Description = "Label of prompts that belong to no route: right when the router abstains. By default oos and none, when no route has that id.", AllowMultipleArgumentsPerToken = true };
        var by = new Option<string?>("--by") { Description = "A field of the rows, such as source or lang: accuracy also for each of its values." };
        var byTurn = new Option<bool>("--by-turn") { Description = "Ask conversations turn by turn, so that each keeps its route as \"decisions\" of the file says; tells how steady they are." };
        var similarity = new Option<double[]>("--similarity") { Description = "Tell for how many prompts an earlier one is at least so similar (see decisions.similarity), and for how many of these wrongly.", AllowMultipleArgumentsPerToken = true };
        var json = new Option<bool>("--json") { Description = "Write the figures as JSON." };
        var minAccuracy = new Option<double?>("--min-accuracy") { Description = "Exit with 1 when fewer prompts take their route, 0 to 1." };
        var command = new Command("eval", "Measure the router on labelled prompts.") { file, routes, text, baseline, baselineTrain, perturb, abstainLabel, by, byTurn, similarity, json, minAccuracy };
        command.Add(EvalToolsCommand.Create());
        command.SetAction((arguments, cancellationToken) => RunAsync(
            new EvalPlan
            {
                File = arguments.GetValue(file)!,
                RoutesFile = arguments.GetValue(routes)!,
                Text = arguments.GetValue(text),
                Similarities = arguments.GetValue(similarity) ?? [],
                ByTurn = arguments.GetValue(byTurn),
                GroupField = arguments.GetValue(by),
                Baselines = [.. arguments.GetValue(baseline)?.Distinct() ?? []],
                BaselineFile = arguments.GetValue(baselineTrain),
                Perturbations = Perturbations(arguments.GetValue(perturb) ?? []),
                AbstainLabels = arguments.GetValue(abstainLabel) is { Length: > 0 } named ? named : _abstainLabels,
                IsJson = arguments.GetValue(json),
                MinAccuracy = arguments.GetValue(minAccuracy) ?? 0,
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(EvalPlan plan, CancellationToken cancellationToken)
    {
        if (plan.BaselineFile is not null && !plan.Baselines.Contains(TfIdfBaseline.CommandLineName))
        {
            await Console.Error.WriteLineAsync("--baseline-train needs --baseline tfidf");
            return ExitCodes.BadInput;
        }

        if (plan.Similarities.Any(static similarity => similarity is not (>= 0.5 and <= 1)))
        {
            await Console.Error.WriteLineAsync("--similarity must be from 0.5 to 1");
            return ExitCodes.BadInput;
        }

        await using var router = await StandaloneRouter.LoadAsync(plan.RoutesFile, plan.Text, cancellationToken, remembers: plan.ByTurn);
        if (router is null || await TryReadAsync(plan, plan.File, plan.GroupField, router.Table) is not { } prompts)
        {
            return ExitCodes.BadInput;
        }

        var training = plan.BaselineFile is null ? null : await TryReadAsync(plan, plan.BaselineFile, groupField: null, router.Table);
        if (plan.BaselineFile is not null && training is null)
        {
            return ExitCodes.BadInput;
        }

        var result = await EvalRunner.RunAsync(plan, router, prompts, training, cancellationToken);
        if (plan.IsJson)
        {
            await EvaluationJson.WriteAsync(result);
        }
        else
        {
            EvaluationView.Write(result);
        }

        return result.Router.Report.Accuracy >= plan.MinAccuracy ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static Perturbation[] Perturbations(string[] names) => names.Contains(All)
        ? [Perturbation.Typos, Perturbation.Casing, Perturbation.Punctuation, .. names.Contains("topic") ? [Perturbation.Topic] : Array.Empty<Perturbation>()]
        : [.. names.Distinct().Select(static name => Enum.Parse<Perturbation>(name, ignoreCase: true))];

    // Null after the fault was written to standard error.
    private static async Task<IReadOnlyList<LabeledPrompt>?> TryReadAsync(EvalPlan plan, string file, string? groupField, RouteTable table)
    {
        try
        {
            var prompts = LabeledPromptFile.Read(file, groupField)
                .Select(prompt => prompt with { IsOutOfScope = !table.RoutesById.ContainsKey(prompt.RouteId) && plan.AbstainLabels.Contains(prompt.RouteId) })
                .ToArray();
            var unknown = prompts.FirstOrDefault(prompt => !prompt.IsOutOfScope && !table.RoutesById.ContainsKey(prompt.RouteId));
            if (prompts.Length > 0 && unknown is null)
            {
                return prompts;
            }

            await Console.Error.WriteLineAsync(unknown is null
                ? $"{file} holds no prompts"
                : $"{file}:{unknown.Line}: the label \"{unknown.RouteId}\" is no route of {plan.RoutesFile}, which has {string.Join(", ", table.Routes.Select(static route => route.Id))}; prompts that belong to none are named with --abstain-label");
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
        }

        return null;
    }
}
