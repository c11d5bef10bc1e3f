using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Measures a model on this machine.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var folder = ModelsCommand.FolderArgument();
        var text = ModelsCommand.TextOption("The text that is read; by default a part of the shipped one.");
        var tokens = new Option<int>("--tokens") { Description = "Most tokens of the text.", DefaultValueFactory = static _ => 512 };
        var device = new Option<DevicePreference>("--device") { Description = "Where the speed is measured.", DefaultValueFactory = static _ => DevicePreference.Auto };
        var json = new Option<bool>("--json") { Description = "Write the figures as JSON." };
        var kv = new Command("kv", "Compare the ways to store the KV cache of a model: memory, agreement, speed.") { folder, text, tokens, device, json };
        kv.SetAction((arguments, cancellationToken) => ModelsCommand.RunAsync(
            arguments.GetValue(text),
            async (read, bars) =>
            {
                var comparison = new KvCacheComparison(arguments.GetValue(folder)!, NullLogger.Instance);
                var figures = await Task.Run(
                    () => comparison.Measure(read, Math.Max(2, arguments.GetValue(tokens)), arguments.GetValue(device), bars, cancellationToken), cancellationToken);
                if (arguments.GetValue(json))
                {
                    await WriteJsonAsync(arguments.GetValue(folder)!, arguments.GetValue(device), figures);
                }
                else
                {
                    Write(comparison.ContextTokens, figures);
                }
            }));
        return new Command("bench", "Measure a model on this machine.") { kv };
    }

    private static void Write(int contextTokens, IReadOnlyList<KvCacheFigures> figures)
    {
        var contexts = figures[0].TokensPerSecond.Keys.Order().ToArray();
        var table = new Table().Border(TableBorder.Simple).AddColumn("KV cache");
        foreach (var column in new[] { "bytes/token", $"{contextTokens} tokens", "pool", "longest context", "top-1 agreement", "KL", "perplexity" }.Concat(contexts.Select(static context => $"tokens/s at {context}")))
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var mode in figures)
        {
            table.AddRow([
                mode.KvCache,
                mode.BytesPerToken.ToString("N0", CultureInfo.InvariantCulture),
                Megabytes(mode.BytesPerToken * contextTokens),
                Megabytes(mode.PoolBytes),
                mode.LongestContextTokens.ToString("N0", CultureInfo.InvariantCulture),
                mode.Top1Agreement.ToString("P1", CultureInfo.InvariantCulture),
                mode.Kl.ToString("0.0000", CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"x {mode.PerplexityRatio:0.0000}"),
                .. contexts.Select(context => mode.TokensPerSecond.TryGetValue(context, out var speed) ? speed.ToString("N0", CultureInfo.InvariantCulture) : "-"), // the device cannot run it
            ]);
        }

        Terminal.Output.Write(table);

        static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB");
    }

    private static Task WriteJsonAsync(string folder, DevicePreference device, IReadOnlyList<KvCacheFigures> figures) => Terminal.WriteJsonAsync(json =>
    {
        json.WriteStartObject();
        json.WriteString("model"u8, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        json.WriteString("device"u8, device.ToString().ToLowerInvariant());
        json.WriteStartArray("modes"u8);
        foreach (var mode in figures)
        {
            json.WriteStartObject();
            json.WriteString("kvCache"u8, mode.KvCache);
            json.WriteNumber("bytesPerToken"u8, mode.BytesPerToken);
            json.WriteNumber("poolBytes"u8, mode.PoolBytes);
            json.WriteNumber("longestContextTokens"u8, mode.LongestContextTokens);
            json.WriteNumber("top1Agreement"u8, mode.Top1Agreement);
            json.WriteNumber("kl"u8, mode.Kl);
            json.WriteNumber("perplexityRatio"u8, mode.PerplexityRatio);
            json.WriteStartObject("tokensPerSecond"u8);
            foreach (var (context, tokensPerSecond) in mode.TokensPerSecond.OrderBy(static pair => pair.Key))
            {
                json.WriteNumber(context.ToString(CultureInfo.InvariantCulture), Math.Round(tokensPerSecond, 1));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
