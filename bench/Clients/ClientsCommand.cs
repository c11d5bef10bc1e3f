using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Routes;

namespace RouterGateway.Benchmarks.Clients;

/// <summary>Accuracy on labelled prompts, and the time of a decision by the number of clients that ask at a time: of the classifier, and of a scorer.</summary>
internal static class ClientsCommand
{
    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments)
    {
        if (ClientsOptions.Parse(arguments.Span) is not { } options)
        {
            await Console.Error.WriteLineAsync(ClientsOptions.Usage);
            return 2;
        }

        var all = LabeledPromptFile.Read(options.File);
        var step = Math.Max(1, all.Count / (double)options.Prompts);
        LabeledPrompt[] prompts = [.. Enumerable.Range(0, Math.Min(all.Count, options.Prompts)).Select(i => all[(int)(i * step)])];
        var scorer = options.Scorer is null ? RoutesVariant.ScorerOf(options.Routes) : Path.GetFullPath(options.Scorer);
        var isMeasured = await MeasureAsync("classifier", options, prompts, hasClassifier: true, scorer: null, debias: false);
        if (scorer is not null)
        {
            isMeasured &= await MeasureAsync("scorer", options, prompts, hasClassifier: false, scorer, debias: false)
                && await MeasureAsync("scorer, two orders", options, prompts, hasClassifier: false, scorer, debias: true)
                && await MeasureAsync("classifier, then scorer", options, prompts, hasClassifier: true, scorer, debias: false);
        }

        return isMeasured ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(string what, ClientsOptions options, LabeledPrompt[] prompts, bool hasClassifier, string? scorer, bool debias)
    {
        // models are left to their finalizers, and two large ones may be more than a device holds: those of the measurement before go first
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var routes = new RoutesVariant(options, hasClassifier, scorer, debias);
        await using var services = new ServiceCollection().AddLogging().AddPromptRouter(settings => (settings.RoutesFile, settings.Remembers) = (routes.File, false)).BuildServiceProvider();
        var monitor = services.GetRequiredService<RouteTableMonitor>();
        if (!await monitor.ReloadAsync())
        {
            await Console.Error.WriteLineAsync(string.Join('\n', monitor.LastFaults));
            return false;
        }

        var router = services.GetRequiredService<PromptRouter>();
        var report = await RouterEvaluator.EvaluateAsync(router, prompts, byTurn: false, progress: null, CancellationToken.None);
        var shares = report.Outcomes.Select(static share => FormattableString.Invariant($"{share.Outcome.ToHeaderValue()} {share.Share:P1}"));
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{what}: classifier on {router.ClassifierDevice}, scorer on {router.ScorerDevice}"));
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"  {prompts.Length} prompts: accuracy {report.Accuracy:P2}, likeliest route {report.LikeliestAccuracy:P2}; {string.Join(", ", shares)}"));
        foreach (var clients in options.Clients)
        {
            await AskAsync(router, prompts, clients, clients * 2); // warm
            var (times, elapsed) = await AskAsync(router, prompts, clients, options.Decisions);
            await Console.Out.WriteLineAsync(FormattableString.Invariant($"  {clients,3} clients: p50 {times[times.Length / 2],8:F2} ms, p99 {times[times.Length * 99 / 100],8:F2} ms, {times.Length / elapsed.TotalSeconds,7:F0} decisions/s"));
        }

        return true;
    }

    // Every client asks again as soon as it has its answer.
    private static async Task<(double[] Milliseconds, TimeSpan Elapsed)> AskAsync(PromptRouter router, LabeledPrompt[] prompts, int clients, int decisions)
    {
        var times = new ConcurrentBag<double>();
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < decisions;)
            {
                var asked = Stopwatch.GetTimestamp();
                await router.RouteAsync(prompts[i % prompts.Length].Prompt, CancellationToken.None);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
        })));
        return ([.. times.Order()], Stopwatch.GetElapsedTime(started));
    }
}
