using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RouterGateway.Inference;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Benchmarks.Conversations;

/// <summary>Talks to an inference server in this process for minutes and watches its memory: what a kept prefix saves, and that nothing is lost or left over.</summary>
internal static class ConversationsCommand
{
    private const string Usage = "conversations [--model FOLDER] [--sessions 10] [--turns 5] [--minutes 10] [--document WORDS] [--kv-cache auto] [--device auto|cuda|cpu]";
    private const long MostGrowthBytes = 64L << 20;

    public static async Task<int> RunAsync(ReadOnlyMemory<string> arguments)
    {
        var (model, sessions, turns, minutes, words, kvCache, device) = (Shipped.PathOf("models/sample-coding"), 10, 5, 10.0, 0, "auto", DevicePreference.Auto);
        for (var rest = arguments.Span; rest.Length > 0; rest = rest[2..])
        {
            if (rest.Length < 2 || !TryRead(rest[0], rest[1]))
            {
                await Console.Error.WriteLineAsync(Usage);
                return 2;
            }
        }

        using var stop = new CancellationTokenSource();
        var output = new StringWriter();
        var server = InferenceServer.RunAsync(
            new InferenceServerOptions { ModelFolder = model, Urls = "http://127.0.0.1:0", KvCache = kvCache, Device = device, LogLevel = LogLevel.Warning, Output = output, ErrorOutput = Console.Error },
            stop.Token);
        while (!output.ToString().Contains('\n') && !server.IsCompleted)
        {
            await Task.Delay(20);
        }

        if (server.IsCompleted)
        {
            return await server;
        }

        using var client = new HttpClient { BaseAddress = new Uri(output.ToString().Split(' ', '\n')[2]), Timeout = TimeSpan.FromMinutes(5) };
        var isWell = await MeasureAsync(client, Path.GetFileName(model), sessions, turns, words, TimeSpan.FromMinutes(minutes));
        await stop.CancelAsync();
        return await server == 0 && isWell ? 0 : 1;

        bool TryRead(string name, string value)
        {
            switch (name)
            {
                case "--model":
                    model = value;
                    return Directory.Exists(value);
                case "--kv-cache":
                    kvCache = value;
                    return true;
                case "--device":
                    return Enum.TryParse(value, ignoreCase: true, out device) && Enum.IsDefined(device);
                case "--sessions":
                    return int.TryParse(value, CultureInfo.InvariantCulture, out sessions) && sessions > 0;
                case "--document":
                    return int.TryParse(value, CultureInfo.InvariantCulture, out words) && words >= 0;
                case "--turns":
                    return int.TryParse(value, CultureInfo.InvariantCulture, out turns) && turns > 0;
                default:
                    return name == "--minutes" && double.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes > 0;
            }
        }
    }

    private static async Task<bool> MeasureAsync(HttpClient client, string model, int sessions, int turns, int words, TimeSpan duration)
    {
        await new ConversationLoad(client, model, seed: 1, words).RunAsync(sessions, turns, duration / 10, CancellationToken.None); // warm, and the kept prefixes fill their share
        var before = WorkingSet();
        var load = new ConversationLoad(client, model, seed: 2, words);
        var started = Stopwatch.GetTimestamp();
        await load.RunAsync(sessions, turns, duration, CancellationToken.None);
        var (growth, seconds) = (WorkingSet() - before, Stopwatch.GetElapsedTime(started).TotalSeconds);

        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{load.Answers} answers and {load.Left} left in {seconds:F0} s by {sessions} clients; {load.Faults.Count} faults; memory {before / 1e6:F0} MB, {growth / 1e6:+0.0;-0.0} MB since"));
        foreach (var (turn, times) in load.FirstTokenMs)
        {
            times.Sort();
            var cached = (double)load.CachedTokens[turn] / load.PromptTokens[turn];
            await Console.Out.WriteLineAsync(FormattableString.Invariant($"  turn {turn + 1}: {load.PromptTokens[turn] / times.Count} tokens in the prompt, {cached:P0} kept; first token p50 {times[times.Count / 2]:F1} ms, p99 {times[times.Count * 99 / 100]:F1} ms"));
        }

        foreach (var fault in load.Faults.Distinct().Take(10))
        {
            await Console.Out.WriteLineAsync($"  fault: {fault}");
        }

        var metrics = (await client.GetStringAsync("/metrics")).Split('\n').Where(static line => line.StartsWith("vllm:num_requests", StringComparison.Ordinal) || line.StartsWith("inference_kv_cache_used", StringComparison.Ordinal) || line.StartsWith("inference_prefix_cache", StringComparison.Ordinal)).ToArray();
        await Console.Out.WriteLineAsync("  " + string.Join("\n  ", metrics));
        return load.Faults.Count == 0 && growth < MostGrowthBytes;
    }

    private static long WorkingSet()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
