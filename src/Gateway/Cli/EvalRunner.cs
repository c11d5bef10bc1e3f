using System.Globalization;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Evaluation.Baselines;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Measures the router and its baselines, with progress on standard error so that the figures can be piped.</summary>
/// <param name="plan">What is to be measured.</param>
/// <param name="router">The router.</param>
/// <param name="prompts">The labelled prompts.</param>
/// <param name="bars">Where progress is shown; <c>null</c>: nowhere.</param>
internal sealed class EvalRunner(EvalPlan plan, StandaloneRouter router, IReadOnlyList<LabeledPrompt> prompts, ProgressContext? bars)
{
    private const int WorstShown = 20;

    public static Task<EvalResult> RunAsync(
        EvalPlan plan, StandaloneRouter router, IReadOnlyList<LabeledPrompt> prompts, IReadOnlyList<LabeledPrompt>? training, CancellationToken cancellationToken) =>
        Terminal.Error.Profile.Capabilities.Interactive
            ? Terminal.Error.Progress().AutoClear(true).StartAsync(bars => new EvalRunner(plan, router, prompts, bars).RunAsync(training, cancellationToken))
            : new EvalRunner(plan, router, prompts, bars: null).RunAsync(training, cancellationToken);

    private async Task<EvalResult> RunAsync(IReadOnlyList<LabeledPrompt>? training, CancellationToken cancellationToken)
    {
        var examples = router.Table.Routes.Sum(static route => route.Examples.Prepend(route.Description).Distinct().Count());
        var own = $"{examples} examples of the routes";
        var measured = await MeasureAsync(
            "router", own, (some, bar) => RouterEvaluator.EvaluateAsync(router.Router, some, plan.ByTurn, bar, cancellationToken));
        var baselines = new List<EvaluatedClassifier>();
        foreach (var name in plan.Baselines)
        {
            var baseline = name == NearestNeighboursBaseline.CommandLineName ? new NearestNeighboursBaseline(router.Router, router.Table) : await TrainAsync(training, cancellationToken);
            baselines.Add(await MeasureAsync(
                name,
                baseline is TfIdfBaseline && training is not null ? string.Create(CultureInfo.InvariantCulture, $"{((TfIdfBaseline)baseline).Examples:N0} prompts of {Path.GetFileName(plan.BaselineFile)}") : own,
                (some, bar) => Task.Run(() => BaselineEvaluator.Evaluate(baseline, router.Table, some, bar, cancellationToken), cancellationToken)));
        }

        var worst = new List<(EvaluatedPrompt, Explanation)>();
        foreach (var prompt in measured.Report.Worst.Take(WorstShown))
        {
            worst.Add((prompt, await router.Router.ExplainAsync(prompt.Labeled.Prompt, cancellationToken)));
        }

        var similarities = plan.Similarities.Count == 0 ? [] : await Task.Run(
            () => SimilarityEvaluator.Evaluate(router.Router, router.Table, prompts, plan.Similarities, Bar("similar prompts", prompts.Count), cancellationToken), cancellationToken);
        return new EvalResult(router.Table.Settings.Text, measured, baselines, similarities, plan.ByTurn, worst);
    }

    private async Task<IBaseline> TrainAsync(IReadOnlyList<LabeledPrompt>? training, CancellationToken cancellationToken)
    {
        var bar = Bar("training tfidf", 100);
        return await Task.Run(() => TfIdfBaseline.Train(router.Table, training, bar, cancellationToken), cancellationToken);
    }

    private async Task<EvaluatedClassifier> MeasureAsync(string name, string trained, Func<IReadOnlyList<LabeledPrompt>, IProgress<int>?, Task<EvaluationReport>> measure)
    {
        var report = await measure(prompts, Bar(name, prompts.Count));
        var perturbed = new List<PerturbedReport>();
        foreach (var perturbation in plan.Perturbations)
        {
            var (others, changed) = RouterEvaluator.Perturb(prompts, perturbation);
            perturbed.Add(new PerturbedReport(perturbation, changed, await measure(others, Bar($"{name}, {perturbation.ToString().ToLowerInvariant()}", prompts.Count))));
        }

        return new EvaluatedClassifier(name, trained, report, perturbed);
    }

    private Follower? Bar(string name, int most) => bars is null ? null : new Follower(bars.AddTask(name.EscapeMarkup(), maxValue: most));

    // IProgress<T>'s usual implementation posts to the thread pool, where reports overtake each other
    private sealed class Follower(ProgressTask task) : IProgress<int>
    {
        public void Report(int value) => task.Value = value;
    }
}
