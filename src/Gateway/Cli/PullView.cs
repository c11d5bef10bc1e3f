using System.Collections.Concurrent;
using System.Globalization;
using RouterGateway.Inference.Hub;
using Spectre.Console;

namespace RouterGateway.Gateway.Cli;

/// <summary>Shows on standard error how a pull gets on: a bar for each file on a terminal, else a line every few seconds.</summary>
internal static class PullView
{
    /// <summary>Runs a pull.</summary>
    public static Task<T> RunAsync<T>(Func<IProgress<PullProgress>, Task<T>> runAsync) => Terminal.Error.Profile.Capabilities.Interactive
        ? Terminal.Error.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(bars => runAsync(new Bars(bars)))
        : runAsync(new Lines(TimeProvider.System));

    /// <summary>A size as people read it.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
    };

    private sealed class Bars(ProgressContext bars) : IProgress<PullProgress>
    {
        private readonly Dictionary<string, ProgressTask> _bars = new(StringComparer.Ordinal);
        private readonly Lock _lock = new();

        public void Report(PullProgress value)
        {
            if (value.Note is { } note)
            {
                Terminal.Error.MarkupLine(note.EscapeMarkup());
            }

            if (value.File is not { } file)
            {
                return;
            }

            lock (_lock)
            {
                if (!_bars.TryGetValue(file, out var bar))
                {
                    _bars[file] = bar = bars.AddTask(file.EscapeMarkup(), maxValue: Math.Max(1, value.TotalBytes));
                }

                bar.Value = value.TotalBytes == 0 ? 1 : value.DoneBytes;
            }
        }
    }

    private sealed class Lines(TimeProvider clock) : IProgress<PullProgress>
    {
        private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

        private readonly ConcurrentDictionary<string, (long Done, long Total)> _files = new(StringComparer.Ordinal);
        private readonly Lock _lock = new();
        private long _written = clock.GetTimestamp();

        public void Report(PullProgress value)
        {
            if (value.Note is { } note)
            {
                Console.Error.WriteLine(note);
            }

            if (value.File is { } file)
            {
                _files[file] = (value.DoneBytes, value.TotalBytes);
            }

            lock (_lock)
            {
                if (clock.GetElapsedTime(_written) < _interval)
                {
                    return;
                }

                _written = clock.GetTimestamp();
            }

            var (done, total) = (_files.Values.Sum(static file => file.Done), _files.Values.Sum(static file => file.Total));
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Size(done)} of {Size(total)} ({100.0 * done / Math.Max(1, total):0.0} %)"));
        }
    }
}
