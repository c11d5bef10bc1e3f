using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using RouterGateway.Router.Classification;

namespace RouterGateway.Router.Routes;

/// <summary>Holds the running route table and swaps it whole within a second of a change of the file.</summary>
public sealed partial class RouteTableMonitor : BackgroundService
{
    // Content is compared, not events or times: atomic renames, symlink swaps and network folders all look the same.
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _refusedInterval = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan _halfWrittenPatience = TimeSpan.FromSeconds(2);

    private readonly string _file;
    private readonly TextScope? _text;
    private readonly RouteTable? _ready; // in place of the file
    private readonly IPromptClassifier _classifier;
    private readonly IPromptClassifier? _scorer;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<RouteTableMonitor> _logger;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Loaded? _loaded;
    private volatile IReadOnlyList<RouteTableFault> _lastFaults = [];
    private CancellationTokenSource _changed = new();
    private ImmutableArray<string> _watched;
    private string _seen = "";
    private DateTimeOffset? _retryAt; // null when only a change of content can help
    private DateTimeOffset? _halfWrittenSince;
    private int _reloads;
    private int _refusedReloads;

    internal RouteTableMonitor(
        IOptions<RouterOptions> options, IPromptClassifier classifier, TimeProvider timeProvider, ILogger<RouteTableMonitor> logger, IPromptClassifier? scorer = null)
    {
        _file = Path.GetFullPath(options.Value.RoutesFile);
        _text = options.Value.Text;
        _ready = options.Value.Table;
        _classifier = classifier;
        _scorer = scorer;
        _timeProvider = timeProvider;
        _logger = logger;
        _watched = [_file];
    }

    /// <summary>The running table.</summary>
    /// <exception cref="InvalidOperationException">The host has not started.</exception>
    public RouteTable Current => _loaded?.Table ?? throw new InvalidOperationException("The routes file is read when the host starts.");

    /// <summary>True when there is a running table.</summary>
    public bool IsLoaded => _loaded is not null;

    /// <summary>Why the newest change was refused; empty when the file on disk is the running table.</summary>
    public IReadOnlyList<RouteTableFault> LastFaults => _lastFaults;

    /// <summary>When the running table was loaded.</summary>
    public DateTimeOffset LoadedAt => _loaded?.At ?? default;

    /// <summary>Changes that were taken since the start.</summary>
    public int Reloads => Volatile.Read(ref _reloads);

    /// <summary>Changes that were refused since the start.</summary>
    public int RefusedReloads => Volatile.Read(ref _refusedReloads);

    /// <summary>Returns a token that fires once, after <see cref="Current"/> was swapped.</summary>
    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    /// <summary>Reads the file now, changed or not.</summary>
    /// <returns>False when it was refused; the reasons are in <see cref="LastFaults"/>.</returns>
    public async Task<bool> ReloadAsync(CancellationToken cancellationToken = default)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            _seen = RouteTableHash.OfFiles(_watched);
            return await LoadAsync(mayWait: false, cancellationToken);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Loads the first table.</summary>
    /// <exception cref="RouteTableException">The file has faults.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_loaded is null && !await ReloadAsync(cancellationToken))
        {
            throw new RouteTableException([.. _lastFaults]);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _loading.Dispose();
        _changed.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, _timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await _loading.WaitAsync(stoppingToken);
            try
            {
                await CheckAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogCheckFailed(_logger, fault, _file); // watching goes on: an unforeseen fault must not end the host
            }
            finally
            {
                _loading.Release();
            }
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var now = RouteTableHash.OfFiles(_watched);
        var isDue = _retryAt is { } retryAt && _timeProvider.GetUtcNow() >= retryAt;
        if (now != _seen || isDue)
        {
            _halfWrittenSince = now != _seen ? null : _halfWrittenSince;
            _seen = now;
            await LoadAsync(mayWait: true, cancellationToken);
        }
    }

    private sealed record Loaded(RouteTable Table, DateTimeOffset At);
}
