using RouterGateway.Router.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tools;

/// <summary>What callers do with the registry: register, renew, remove. Ends leases, and shares all of it with the gateways of one Redis prefix.</summary>
/// <remarks>
/// What a caller does holds here at once and is written to Redis before it is answered, so that other gateways see it on their next beat.
/// While Redis is lost every gateway goes on by itself; what it could not write, it writes when Redis is back.
/// </remarks>
internal sealed partial class ToolRegistrations(ToolRegistry registry, SharedTable table, TimeProvider timeProvider, ILogger<ToolRegistrations> logger) : BackgroundService
{
    private const string LifeKey = "life"; // no tool: those have a colon

    private static readonly TimeSpan _checkEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _logAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<ToolKey> _unwritten = []; // known here, not yet to Redis: registered, or removed
    private volatile bool _hasChanged;
    private byte[]? _life;
    private long _writes;
    private long? _loggedAt;

    /// <summary>Registers or renews tools.</summary>
    /// <returns>The tools as they are now; <c>null</c> when the owner would have more than it may.</returns>
    public async Task<IReadOnlyList<Registration>?> RegisterAsync(string owner, IReadOnlyList<ToolDefinition> definitions, CancellationToken cancellationToken)
    {
        var keys = definitions.Select(definition => new ToolKey(owner, definition.Name)).ToArray();
        MarkUnwritten(keys);
        var registered = registry.Register(owner, definitions, timeProvider.GetUtcNow());
        await WriteAsync(registered is null ? [] : keys, cancellationToken);
        return registered;
    }

    /// <summary>Removes a tool.</summary>
    /// <returns>False when the owner has none of that name.</returns>
    public async Task<bool> RemoveAsync(string owner, string name, CancellationToken cancellationToken)
    {
        ToolKey[] keys = [new(owner, name)];
        MarkUnwritten(keys);
        var removed = registry.Remove(keys).Count > 0;
        await WriteAsync(keys, cancellationToken);
        return removed;
    }

    /// <summary>Says that the owner is alive.</summary>
    /// <param name="owner">Whose tools.</param>
    /// <param name="name">One tool; <c>null</c>: all of the owner.</param>
    /// <param name="cancellationToken">The caller left.</param>
    /// <returns>The renewed tools; none when the owner has none, so that it can register again.</returns>
    public async Task<IReadOnlyList<Registration>> RenewAsync(string owner, string? name, CancellationToken cancellationToken)
    {
        var renewed = registry.Renew(owner, name is null ? null : [name], timeProvider.GetUtcNow());
        if (!table.IsConfigured || renewed.Count == 0)
        {
            return renewed;
        }

        try
        {
            foreach (var sameLease in renewed.GroupBy(static registration => registration.LeaseUntil))
            {
                var lost = await table.RenewAsync([.. sameLease.Select(static registration => ToolRow.KeyOf(registration.Key))], sameLease.Key, cancellationToken);
                if (lost.Count > 0) // Redis forgot them: their owner lives, so they are written again
                {
                    ToolKey[] keys = [.. lost.Select(ToolRow.ReadKey).OfType<ToolKey>()];
                    MarkUnwritten(keys);
                    await WriteAsync(keys, cancellationToken);
                }
            }
        }
        catch (RedisUnavailableException e)
        {
            MarkUnwritten(renewed.Select(static registration => registration.Key));
            Log(e);
        }

        return renewed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Action changed = () => _hasChanged = true;
        table.Changed += changed;
        try
        {
            using var clock = new PeriodicTimer(_checkEvery, timeProvider);
            while (await clock.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ShareAsync(stoppingToken);
                    await EndLeasesAsync(stoppingToken);
                }
                catch (RedisUnavailableException e)
                {
                    Log(e);
                }
#pragma warning disable CA1031 // whatever it was, leases must go on ending
                catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    LogFailed(logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
        finally
        {
            table.Changed -= changed;
        }
    }

    /// <summary>Takes what others wrote, once what is unwritten here is written.</summary>
    private async Task ShareAsync(CancellationToken cancellationToken)
    {
        if (!_hasChanged || !table.IsConfigured)
        {
            return;
        }

        _hasChanged = false;
        try
        {
            await RestoreAsync(await table.ReadAsync(cancellationToken), cancellationToken);
            await SendAsync(Unwritten(), cancellationToken);
            long writes;
            SharedTableSnapshot shared;
            do // a write that ended meanwhile may not be in what was read
            {
                writes = Interlocked.Read(ref _writes);
                shared = await table.ReadAsync(cancellationToken);
            }
            while (writes != Interlocked.Read(ref _writes));
            registry.Replace(shared.Rows.Select(ToolRow.Read).OfType<Registration>(), Unwritten());
        }
        catch (RedisUnavailableException)
        {
            _hasChanged = true;
            throw;
        }
    }

    /// <summary>Gives a table that lost its rows what is known here. It tells by a row that names the table's life: gone or another after a loss.</summary>
    private async Task RestoreAsync(SharedTableSnapshot shared, CancellationToken cancellationToken)
    {
        var life = shared.Rows.FirstOrDefault(static row => row.Key == LifeKey)?.Value;
        if (life is null || (_life is not null && !life.AsSpan().SequenceEqual(_life)))
        {
            var there = shared.Rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal); // written by somebody since, perhaps in a newer version
            MarkUnwritten(registry.Registrations().Select(static registration => registration.Key).Where(key => !there.Contains(ToolRow.KeyOf(key))));
        }

        if (life is null)
        {
            life = Guid.NewGuid().ToByteArray();
            await table.WriteAsync([new SharedRow(LifeKey, life, null)], [], cancellationToken);
        }

        _life = life;
    }

    private async Task EndLeasesAsync(CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        if (registry.Registrations().All(registration => registration.LeaseUntil > now))
        {
            return;
        }

        if (table.IsConfigured)
        {
            try
            {
                await table.RemoveExpiredAsync(now, cancellationToken);
                var leases = await table.ReadLeasesAsync(cancellationToken); // their owners may be heard of elsewhere
                registry.TakeLeases(leases.Select(static lease => (Key: ToolRow.ReadKey(lease.Key), lease.Value)).Where(static lease => lease.Key is not null).ToDictionary(static lease => lease.Key!.Value, static lease => lease.Value));
            }
            catch (RedisUnavailableException e)
            {
                Log(e);
            }
        }

        var ended = registry.Remove(registry.Registrations().Where(registration => registration.LeaseUntil <= now).Select(static registration => registration.Key));
        foreach (var registration in ended)
        {
            LogLeaseEnded(logger, registration.Tool.Name);
        }
    }

    private void MarkUnwritten(IEnumerable<ToolKey> keys)
    {
        if (table.IsConfigured)
        {
            lock (_lock)
            {
                _unwritten.UnionWith(keys);
            }
        }
    }

    private HashSet<ToolKey> Unwritten()
    {
        lock (_lock)
        {
            return [.. _unwritten];
        }
    }

    /// <summary>Writes what is known of some keys now; a Redis that is lost is told later.</summary>
    private async Task WriteAsync(IReadOnlyCollection<ToolKey> keys, CancellationToken cancellationToken)
    {
        if (!table.IsConfigured)
        {
            return;
        }

        try
        {
            await SendAsync(keys, cancellationToken);
        }
        catch (RedisUnavailableException e)
        {
            _hasChanged = true; // ShareAsync sends it then
            Log(e);
        }
    }

    private async Task SendAsync(IReadOnlyCollection<ToolKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return;
        }

        var known = registry.Registrations().Where(registration => keys.Contains(registration.Key)).ToArray();
        await table.WriteAsync([.. known.Select(ToolRow.Write)], [.. keys.Except(known.Select(static registration => registration.Key)).Select(ToolRow.KeyOf)], cancellationToken);
        Interlocked.Increment(ref _writes);
        lock (_lock)
        {
            _unwritten.ExceptWith(keys);
        }
    }

    private void Log(RedisUnavailableException fault)
    {
        if (_loggedAt is { } logged && timeProvider.GetElapsedTime(logged) < _logAgainAfter)
        {
            return;
        }

        _loggedAt = timeProvider.GetTimestamp();
        LogNotShared(logger, fault.Message);
    }

    [LoggerMessage(EventId = 1310, Level = LogLevel.Warning, Message = "Registered tools are not shared with other gateways at the moment: {Reason}")]
    private static partial void LogNotShared(ILogger logger, string reason);

    [LoggerMessage(EventId = 1311, Level = LogLevel.Error, Message = "Looking after registered tools failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 1312, Level = LogLevel.Information, Message = "The lease of tool {Tool} ended without a heartbeat")]
    private static partial void LogLeaseEnded(ILogger logger, string tool);
}
