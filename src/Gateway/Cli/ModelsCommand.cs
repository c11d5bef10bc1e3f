using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference;
using RouterGateway.Inference.Hub;
using RouterGateway.Inference.KvCache;
using RouterGateway.Inference.Onnx;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Fetches, shows, prepares and deletes models.</summary>
internal static class ModelsCommand
{
    /// <summary>The folder of model folders, in the current one.</summary>
    public const string DefaultParent = "models";

    public static Command Create()
    {
        var folder = FolderArgument();
        var text = TextOption("The text that is read, the more like the prompts to come the better; by default the shipped one.");
        var calibrate = new Command("calibrate", "Look at what the KV cache of a model holds, so that it can be quantised. Done by itself at the first start, with the shipped text.") { folder, text };
        calibrate.SetAction((arguments, cancellationToken) => RunAsync(
            arguments.GetValue(text),
            async (read, bars) =>
            {
                var comparison = new KvCacheComparison(arguments.GetValue(folder)!, NullLogger.Instance);
                var (file, tokens) = await Task.Run(() => comparison.Calibrate(read, bars is null ? null : new Follower(bars), cancellationToken), cancellationToken);
                await Console.Out.WriteLineAsync($"{file}: calibrated over {tokens} tokens; kvCache int8 and int4 use it from the next start on");
            }));
        return new Command("models", "Fetch, show, prepare and delete models.")
        {
            ModelsListCommand.Create(), ModelsPullCommand.Create(), ModelsInspectCommand.Create(), ModelsRemoveCommand.Create(), calibrate,
        };
    }

    public static Option<string> FromOption() => new("--from") { Description = "The folder that the models' folders are in.", DefaultValueFactory = static _ => DefaultParent };

    public static Argument<string> FolderArgument() => new("folder") { Description = "The folder of a model that generates." };

    public static Option<string?> TextOption(string description) => new("--text") { Description = description };

    /// <summary>Runs a long command with a bar of progress on standard error, and says in one line why it failed.</summary>
    /// <param name="textFile">A file to read for it; <c>null</c>: none.</param>
    /// <param name="runAsync">Given the text, and whom to report to.</param>
    public static async Task<int> RunAsync(string? textFile, Func<string?, IProgress<(string What, double Share)>?, Task> runAsync)
    {
        try
        {
            var text = textFile is null ? null : await File.ReadAllTextAsync(textFile);
            await (Terminal.Error.Profile.Capabilities.Interactive
                ? Terminal.Error.Progress().AutoClear(true).StartAsync(bars => runAsync(text, new Bars(bars)))
                : runAsync(text, null));
            return ExitCodes.Success;
        }
        catch (Exception e) when (e is ModelFolderException or ArgumentException or DeviceUnavailableException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.BadInput;
        }
    }

    /// <summary>Runs a command on models, and says in one line why it failed.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> runAsync)
    {
        try
        {
            return await runAsync();
        }
        catch (Exception e) when (e is ModelFolderException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.BadInput;
        }
        catch (Exception e) when (e is HubException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return ExitCodes.Failure;
        }
    }

    private sealed class Bars(ProgressContext bars) : IProgress<(string What, double Share)>
    {
        private ProgressTask? _bar;

        public void Report((string What, double Share) value)
        {
            if (_bar?.Description != value.What)
            {
                _bar = bars.AddTask(value.What.EscapeMarkup(), maxValue: 1);
            }

            _bar.Value = value.Share;
        }
    }

    private sealed class Follower(IProgress<(string What, double Share)> bars) : IProgress<double>
    {
        public void Report(double value) => bars.Report(("calibrating", value));
    }
}
