using Microsoft.Extensions.Logging;
using RouterGateway.Inference;
using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Routes;

public sealed partial class RouteTableMonitor
{
    // Takes or refuses what is on disk. While a file may be half written, and mayWait is true, it does neither for a while.
    private async Task<bool> LoadAsync(bool mayWait, CancellationToken cancellationToken)
    {
        var result = _ready is null ? RouteTableLoader.Load(_file, _text) : new RouteTableLoadResult(_ready);
        if (result.IsValid)
        {
            _halfWrittenSince = null;
            return await TakeAsync(result.Table, cancellationToken);
        }

        var now = _timeProvider.GetUtcNow();
        _halfWrittenSince = result.MayBeHalfWritten ? _halfWrittenSince ?? now : null;
        if (mayWait && now - _halfWrittenSince < _halfWrittenPatience)
        {
            _retryAt = now;
            return false;
        }

        _retryAt = now + _refusedInterval;
        Refuse(result.Faults);
        return false;
    }

    private async Task<bool> TakeAsync(RouteTable table, CancellationToken cancellationToken)
    {
        _retryAt = null;
        _watched = table.SourceFiles;
        _seen = table.Version;
        if (table.Version == _loaded?.Table.Version)
        {
            _lastFaults = [];
            return true; // the file was touched, or a bad change was taken back
        }

        if (!await PrepareAsync(_classifier, table, "router.classifier", table.Settings.ClassifierFolder, cancellationToken) ||
            (_scorer is not null && !await PrepareAsync(_scorer, table, "router.scorer", table.Settings.ScorerFolder, cancellationToken)))
        {
            return false;
        }

        var isFirst = _loaded is null;
        _lastFaults = [];
        _loaded = new Loaded(table, _timeProvider.GetUtcNow());
        LogLoaded(_logger, _file, table.Version, table.Routes.Length, table.ClustersById.Count);
        foreach (var warning in table.Warnings)
        {
            LogWarned(_logger, Path.GetFileName(_file), warning);
        }

        if (!isFirst)
        {
            Interlocked.Increment(ref _reloads);
            var previous = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
            await previous.CancelAsync();
        }

        return true;
    }

    private async Task<bool> PrepareAsync(IPromptClassifier classifier, RouteTable table, string key, string? folder, CancellationToken cancellationToken)
    {
        try
        {
            await classifier.PrepareAsync(table, cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            if (fault is not ModelFolderException) // whose message says all that an operator needs
            {
                LogModelFailed(_logger, fault, key, folder);
            }

            Refuse([new RouteTableFault(Path.GetFileName(_file), 0, 0, key, fault.Message)]);
            return false;
        }
    }

    private void Refuse(IReadOnlyList<RouteTableFault> faults)
    {
        // a file that stays bad is read again and again, for what it refers to may appear; it is told of once
        if (faults.SequenceEqual(_lastFaults))
        {
            return;
        }

        _lastFaults = faults;
        if (_loaded is not null)
        {
            Interlocked.Increment(ref _refusedReloads);
            LogRefused(_logger, _loaded.Table.Version, faults.Count, string.Join(Environment.NewLine, faults));
        }
    }

    [LoggerMessage(EventId = 2000, Level = LogLevel.Information, Message = "Loaded {File}, version {Version}: {Routes} routes, {Clusters} clusters")]
    private static partial void LogLoaded(ILogger logger, string file, string version, int routes, int clusters);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{File}: {Warning}")]
    private static partial void LogWarned(ILogger logger, string file, string warning);

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "Refused a changed routes file, version {Version} keeps running. {Count} faults:\n{Faults}")]
    private static partial void LogRefused(ILogger logger, string version, int count, string faults);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Could not prepare {Key} {Folder}")]
    private static partial void LogModelFailed(ILogger logger, Exception fault, string key, string? folder);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "Could not look for changes of {File}")]
    private static partial void LogCheckFailed(ILogger logger, Exception fault, string file);
}
