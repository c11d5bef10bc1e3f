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

    private readonly SemaphoreSlim _sending = new(1, 1); // an older version must not be written after a newer one
    private Dictionary<string, (byte[] Value, Registration Registration)> _rows = []; // as they were read last
    private volatile bool _hasChanged;
    private byte[]? _life;
    private long? _loggedAt;

    /// <summary>Registers or renews tools.</summary>
    /// <returns>The tools as they are now, or which limit would be passed.</returns>
    public async Task<(IReadOnlyList<Registration>? Registered, string? Limit)> RegisterAsync(string owner, IReadOnlyList<ToolDefinition> definitions)
    {
        var (registered, limit) = registry.Register(owner, definitions, timeProvider.GetUtcNow());
        if (registered is not null && table.IsConfigured)
        {
            await TellAsync(async () =>
            {
                await SendAsync();
                await RenewAsync(registered.Where(static registration => registration.IsShared));
            });
        }

        return (registered, limit);
    }

    /// <summary>Removes a tool.</summary>
    /// <returns>False when the owner has none of that name.</returns>
    public async Task<bool> RemoveAsync(string owner, string name)
    {
        var isRemoved = registry.Remove(new ToolKey(owner, name), table.IsConfigured);
        if (isRemoved && table.IsConfigured)
        {
            await TellAsync(SendAsync);
        }

        return isRemoved;
    }

    /// <summary>Says that the owner is alive.</summary>
    /// <param name="owner">Whose tools.</param>
    /// <param name="name">One tool; <c>null</c>: all of the owner.</param>
    /// <returns>The renewed tools; none when the owner has none, so that it can register again.</returns>
    public async Task<IReadOnlyList<Registration>> RenewAsync(string owner, string? name)
    {
        var renewed = registry.Renew(owner, name is null ? null : [name], timeProvider.GetUtcNow());
        if (table.IsConfigured && renewed.Count > 0)
        {
            await TellAsync(() => RenewAsync(renewed));
        }

        return renewed;
    }

    public override void Dispose()
    {
        _sending.Dispose();
        base.Dispose();
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

    /// <summary>Takes what others wrote, once what is unshared here is written.</summary>
    private async Task ShareAsync(CancellationToken cancellationToken)
    {
        if (!_hasChanged || !table.IsConfigured)
        {
            return;
        }

        _hasChanged = false;
        try
        {
            long generation;
            Registration[] registrations;
            do // what was shared meanwhile may not be in what was read
            {
                generation = registry.Generation;
                var shared = await table.ReadAsync(cancellationToken);
                await RestoreAsync(shared, cancellationToken);
                await SendAsync();
                registrations = Read(shared);
            }
            while (!registry.Replace(registrations, generation));
        }
        catch (RedisUnavailableException)
        {
            _hasChanged = true;
            throw;
        }
    }

    /// <summary>Reads rows; those that are as they were are not read again.</summary>
    private Registration[] Read(SharedTableSnapshot shared)
    {
        var rows = new Dictionary<string, (byte[] Value, Registration Registration)>(shared.Rows.Count, StringComparer.Ordinal);
        foreach (var row in shared.Rows)
        {
            var registration = _rows.TryGetValue(row.Key, out var known) && known.Value.AsSpan().SequenceEqual(row.Value)
                ? known.Registration with { LeaseUntil = row.LeaseUntil ?? DateTimeOffset.MaxValue }
                : ToolRow.Read(row);
            if (registration is not null)
            {
                rows[row.Key] = (row.Value, registration);
            }
        }

        _rows = rows;
        return [.. rows.Values.Select(static row => row.Registration)];
    }

    /// <summary>Has what is known here written again to a table that lost it. A row that names the table's life tells: it is gone, or another, after a loss.</summary>
    private async Task RestoreAsync(SharedTableSnapshot shared, CancellationToken cancellationToken)
    {
        var life = shared.Rows.FirstOrDefault(static row => row.Key == LifeKey)?.Value;
        if (life is null || (_life is not null && !life.AsSpan().SequenceEqual(_life)))
        {
            var there = shared.Rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal); // written by somebody since, perhaps in a newer version
            registry.MarkUnshared(key => !there.Contains(ToolRow.KeyOf(key)));
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
                registry.TakeLeases(leases.Select(static lease => (Key: ToolRow.ReadKey(lease.Key), Until: lease.Value)).Where(static lease => lease.Key is not null).Select(static lease => KeyValuePair.Create(lease.Key!.Value, lease.Until)));
            }
            catch (RedisUnavailableException e)
            {
                Log(e);
            }
        }

        foreach (var registration in registry.RemoveEnded(now))
        {
            LogLeaseEnded(logger, registration.Tool.Name);
        }
    }

    /// <summary>Tells Redis something; when it is lost, it is told later. Nobody who leaves interrupts it: half a message would be one that is never sent.</summary>
    private async Task TellAsync(Func<Task> tell)
    {
        try
        {
            await tell();
        }
        catch (RedisUnavailableException e)
        {
            _hasChanged = true; // ShareAsync sends it then
            Log(e);
        }
    }

    /// <summary>Writes what is unshared.</summary>
    private async Task SendAsync()
    {
        await _sending.WaitAsync();
        try
        {
            var (registered, removed) = registry.Unshared();
            if (registered.Count > 0 || removed.Count > 0)
            {
                await table.WriteAsync([.. registered.Select(ToolRow.Write)], [.. removed.Select(ToolRow.KeyOf)], CancellationToken.None);
                registry.MarkShared(registered, removed);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task RenewAsync(IEnumerable<Registration> renewed)
    {
        foreach (var sameLease in renewed.Where(static registration => registration.IsShared).GroupBy(static registration => registration.LeaseUntil))
        {
            var lost = await table.RenewAsync([.. sameLease.Select(static registration => ToolRow.KeyOf(registration.Key))], sameLease.Key, CancellationToken.None);
            _hasChanged |= lost.Count > 0; // removed elsewhere, or lost: reading the table tells
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
