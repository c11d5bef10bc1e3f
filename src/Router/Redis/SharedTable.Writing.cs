using System.Globalization;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>Writes the table.</summary>
public sealed partial class SharedTable
{
    // Deletes and looks at leases in one step, which plain commands cannot: the client library holds up all its connections while it waits for what
    // WATCH found. The text is sent with every call, so a server that has forgotten its scripts lacks nothing.
    private const string RemoveExpiredScript = """
        local removed = {}
        for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])) do
            if redis.call('HDEL', KEYS[1], key) == 1 then
                removed[#removed + 1] = key
            end
            redis.call('ZREM', KEYS[2], key)
        end
        if #removed > 0 then
            redis.call('SET', KEYS[3], ARGV[2])
        end
        return removed
        """;

    /// <summary>Writes and removes rows at once, sets their leases, and makes a new version; of a key that is in both, the row stays.</summary>
    /// <param name="rows">Rows that are added, or take the place of those of the same key, lease included; each key once.</param>
    /// <param name="removedKeys">Keys of rows that are removed, whether they are there or not.</param>
    /// <param name="cancellationToken">Ends the waiting; what was sent may be carried out all the same.</param>
    /// <exception cref="RedisUnavailableException">The server could not be asked, or holds something else under a key of the table.</exception>
    public async Task WriteAsync(IReadOnlyList<SharedRow> rows, IReadOnlyList<string> removedKeys, CancellationToken cancellationToken)
    {
        var link = Link;
        if (rows.Count > 0 || removedKeys.Count > 0)
        {
            await AskAsync(link, (database, _) => WriteAsync(link, database, rows, removedKeys), cancellationToken);
        }
    }

    /// <summary>Renews leases without a new version, as the heartbeat of a thousand tools must not make all gateways read the table again.</summary>
    /// <param name="keys">Keys of rows.</param>
    /// <param name="leaseUntil">When their leases end from now on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Keys that have no row, or no lease, any more: nothing was renewed there, and the rows are to be written anew.</returns>
    /// <exception cref="RedisUnavailableException">The server could not be asked, or holds something else under a key of the table.</exception>
    public async Task<IReadOnlyList<string>> RenewAsync(IReadOnlyList<string> keys, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        var link = Link;
        var gone = new List<string>();
        foreach (var page in keys.Distinct().Chunk(PageSize))
        {
            gone.AddRange(await AskAsync(link, (database, names) => RenewAsync(database, names, page, ToScore(leaseUntil)), cancellationToken));
        }

        return gone;
    }

    /// <summary>Removes rows whose lease has ended, unless it was renewed meanwhile; every gateway may ask for it, at any time.</summary>
    /// <param name="now">Leases that end before are over.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Keys of the rows that this call removed.</returns>
    /// <exception cref="RedisUnavailableException">The server could not be asked, holds something else under a key of the table, or forbids scripts.</exception>
    public async Task<IReadOnlyList<string>> RemoveExpiredAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = string.Create(CultureInfo.InvariantCulture, $"({now.ToUnixTimeMilliseconds()}");
        var removed = await AskAsync(
            Link,
            (database, keys) => database.ExecuteAsync("EVAL", RemoveExpiredScript, 3, keys.Tools, keys.ToolLeases, keys.ToolsVersion, before, NewVersion()),
            cancellationToken);
        return Array.ConvertAll((RedisResult[]?)removed ?? [], static key => (string)key!);
    }

    private static string NewVersion() => Guid.NewGuid().ToString("N"); // a count would begin again on a server that lost its data

    private static async Task<bool> WriteAsync(RedisLink link, IDatabase database, IReadOnlyList<SharedRow> rows, IReadOnlyList<string> removedKeys)
    {
        await CheckTypesAsync(database, link); // now, as a transaction goes on after a command that fails
        var transaction = database.CreateTransaction();
        var calls = Queue(transaction, link.Keys, rows, removedKeys);
        try
        {
            await ExecuteAsync(transaction, CommandFlags.DemandMaster, calls); // version 1 of the library would break its connection to a replica over it
            return true;
        }
        catch (RedisServerException discarded) when (discarded.Message.Contains("EXECABORT", StringComparison.Ordinal))
        {
            await database.StringSetAsync(link.Keys.ToolsVersion, NewVersion()); // the reason is kept from us; one of the commands alone tells it
            throw;
        }
    }

    private static Task[] Queue(ITransaction transaction, RedisKeys keys, IReadOnlyList<SharedRow> rows, IReadOnlyList<string> removedKeys)
    {
        var calls = new List<Task>();
        if (removedKeys.Count > 0)
        {
            RedisValue[] removed = [.. removedKeys];
            calls.Add(transaction.HashDeleteAsync(keys.Tools, removed));
            calls.Add(transaction.SortedSetRemoveAsync(keys.ToolLeases, removed));
        }

        if (rows.Count > 0)
        {
            calls.Add(transaction.HashSetAsync(keys.Tools, [.. rows.Select(static row => new HashEntry(row.Key, row.Value))]));
        }

        if (rows.Where(static row => row.LeaseUntil is null).Select(static row => (RedisValue)row.Key).ToArray() is { Length: > 0 } lasting)
        {
            calls.Add(transaction.SortedSetRemoveAsync(keys.ToolLeases, lasting));
        }

        if (rows.Where(static row => row.LeaseUntil is not null).Select(static row => new SortedSetEntry(row.Key, ToScore(row.LeaseUntil!.Value))).ToArray() is { Length: > 0 } leases)
        {
            calls.Add(transaction.SortedSetAddAsync(keys.ToolLeases, leases));
        }

        calls.Add(transaction.StringSetAsync(keys.ToolsVersion, NewVersion()));
        return [.. calls];
    }

    // Only members that are there: a row that was removed stays so. The questions are carried out after it, so a row that goes in between is told.
    private static async Task<List<string>> RenewAsync(IDatabase database, RedisKeys keys, string[] page, double score)
    {
        var renewal = database.SortedSetAddAsync(keys.ToolLeases, Array.ConvertAll(page, key => new SortedSetEntry(key, score)), When.Exists);
        var rows = Task.WhenAll(page.Select(key => database.HashExistsAsync(keys.Tools, key)));
        var leases = Task.WhenAll(page.Select(key => database.SortedSetScoreAsync(keys.ToolLeases, key)));
        await Task.WhenAll(renewal, rows, leases);
        var (hasRow, lease) = (await rows, await leases);
        return [.. page.Where((_, i) => !hasRow[i] || lease[i] is null)];
    }

    // When the transaction fails the library may never complete the calls in it.
    private static async Task ExecuteAsync(ITransaction transaction, CommandFlags flags, params Task[] calls)
    {
        try
        {
            await transaction.ExecuteAsync(flags);
        }
        catch
        {
            Array.ForEach(calls, static call => _ = RedisFailure.Of(call)); // observed
            throw;
        }

        await Task.WhenAll(calls);
    }
}
