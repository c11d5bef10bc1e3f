using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>Reads the table in pages, as one large answer would keep the lookups of decisions waiting behind it.</summary>
public sealed partial class SharedTable
{
    private const int PageSize = 128;
    private const int MostReadsInPages = 3;

    /// <summary>Reads all rows with the lease of each.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisUnavailableException">The server could not be asked, or holds something else under a key of the table.</exception>
    public async Task<SharedTableSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        var link = Link;
        for (var i = 0; i < MostReadsInPages; i++)
        {
            if (await TryReadInPagesAsync(link, cancellationToken) is { } snapshot)
            {
                return snapshot;
            }
        }

        return await AskAsync(link, ReadAtOnceAsync, cancellationToken); // somebody writes all the time
    }

    /// <summary>Reads the leases of all rows that have one: cheap, to be asked before rows are taken for expired.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisUnavailableException">The server could not be asked, or holds something else under a key of the table.</exception>
    public async Task<IReadOnlyDictionary<string, DateTimeOffset>> ReadLeasesAsync(CancellationToken cancellationToken) =>
        ToTimes(await AskAsync(Link, static (database, keys) => database.SortedSetRangeByRankWithScoresAsync(keys.ToolLeases), cancellationToken));

    // Every write of rows makes another version in the same transaction, so pages between two equal versions belong together.
    private static async Task<SharedTableSnapshot?> TryReadInPagesAsync(RedisLink link, CancellationToken cancellationToken)
    {
        var (version, names, leases) = await AskAsync(link, ReadIndexAsync, cancellationToken);
        var rows = new List<SharedRow>(names.Length);
        foreach (var page in names.Chunk(PageSize))
        {
            var (values, versionAfter) = await AskAsync(link, (database, keys) => ReadPageAsync(database, keys, page), cancellationToken);
            if (versionAfter != version)
            {
                return null;
            }

            Add(rows, page, values, leases);
        }

        return new SharedTableSnapshot(rows);
    }

    private static async Task<(string? Version, RedisValue[] Names, Dictionary<string, DateTimeOffset> Leases)> ReadIndexAsync(IDatabase database, RedisKeys keys)
    {
        var version = database.StringGetAsync(keys.ToolsVersion);
        var names = database.HashKeysAsync(keys.Tools);
        var leases = database.SortedSetRangeByRankWithScoresAsync(keys.ToolLeases);
        await Task.WhenAll(version, names, leases);
        return ((string?)await version, await names, ToTimes(await leases));
    }

    private static async Task<(RedisValue[] Values, string? Version)> ReadPageAsync(IDatabase database, RedisKeys keys, RedisValue[] names)
    {
        var values = database.HashGetAsync(keys.Tools, names);
        var version = database.StringGetAsync(keys.ToolsVersion);
        await Task.WhenAll(values, version);
        return (await values, (string?)await version);
    }

    private static async Task<SharedTableSnapshot> ReadAtOnceAsync(IDatabase database, RedisKeys keys)
    {
        var transaction = database.CreateTransaction();
        var read = transaction.HashGetAllAsync(keys.Tools);
        var leases = transaction.SortedSetRangeByRankWithScoresAsync(keys.ToolLeases);
        await ExecuteAsync(transaction, CommandFlags.None, read, leases);
        var entries = await read;
        var rows = new List<SharedRow>(entries.Length);
        Add(rows, Array.ConvertAll(entries, static entry => entry.Name), Array.ConvertAll(entries, static entry => entry.Value), ToTimes(await leases));
        return new SharedTableSnapshot(rows);
    }

    private static void Add(List<SharedRow> rows, RedisValue[] names, RedisValue[] values, Dictionary<string, DateTimeOffset> leases)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if ((byte[]?)values[i] is { } value) // else it was removed by hand meanwhile
            {
                var key = (string)names[i]!;
                rows.Add(new SharedRow(key, value, leases.TryGetValue(key, out var leaseUntil) ? leaseUntil : null));
            }
        }
    }

    private static Dictionary<string, DateTimeOffset> ToTimes(SortedSetEntry[] leases)
    {
        var times = new Dictionary<string, DateTimeOffset>(leases.Length);
        foreach (var lease in leases)
        {
            times[(string)lease.Element!] = ToTime(lease.Score);
        }

        return times;
    }
}
