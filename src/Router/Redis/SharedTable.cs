using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>A small table that the gateways of one prefix share: rows by key, with leases, seen by all within a second.</summary>
/// <remarks>
/// A hash of the rows (<c>tools</c>), a sorted set of when leases end in Unix milliseconds (<c>tools:leases</c>), and a version that is another one
/// after every write (<c>tools:version</c>), each behind the prefix; flushing decisions leaves them alone. A call that fails because the server was
/// late may be carried out after all.
/// </remarks>
public sealed partial class SharedTable
{
    private readonly RedisStore _store;

    internal SharedTable(RedisStore store) => _store = store;

    /// <summary>
    /// Raised on the heartbeat when the table is another one than last time: rows were written or removed, here or elsewhere; the server was lost and
    /// is back, lost its data, or is another or none by a new <c>routes.json</c>. Also once after somebody began to listen, as soon as the server
    /// answers. Never raised concurrently with itself; handlers are short. Renewed leases do not raise it, and who fails to read for another reason
    /// than a lost server tries again by itself.
    /// </summary>
    public event Action? Changed
    {
        add => _store.TableWatch.Changed += value;
        remove => _store.TableWatch.Changed -= value;
    }

    /// <summary>True when a server is named in <c>routes.json</c>.</summary>
    public bool IsConfigured => _store.IsConfigured;

    private RedisLink Link => _store.Link ?? throw new RedisUnavailableException("No Redis server is named: name one with decisions.redis in routes.json.");

    private static async Task<T> AskAsync<T>(RedisLink link, Func<IDatabase, RedisKeys, Task<T>> ask, CancellationToken cancellationToken) =>
        await link.AskAsync(
            async connection =>
            {
                try
                {
                    return await ask(connection.Database, link.Keys);
                }
                catch (RedisServerException refused) when (refused.Message.Contains("WRONGTYPE", StringComparison.Ordinal))
                {
                    await CheckTypesAsync(connection.Database, link);
                    throw; // somebody else has put it right
                }
            },
            cancellationToken);

    private static async Task CheckTypesAsync(IDatabase database, RedisLink link)
    {
        (RedisKey Key, RedisType Type)[] expected = [(link.Keys.Tools, RedisType.Hash), (link.Keys.ToolLeases, RedisType.SortedSet), (link.Keys.ToolsVersion, RedisType.String)];
        var types = await Task.WhenAll(expected.Select(part => database.KeyTypeAsync(part.Key)));
        foreach (var (part, type) in expected.Zip(types))
        {
            if (type != RedisType.None && type != part.Type)
            {
                throw new RedisUnavailableException($"{link.Endpoints} holds a {type} of somebody else under the key \"{part.Key}\", where gateways share what they know of tools: delete it, or choose another decisions.redisPrefix.");
            }
        }
    }

    private static double ToScore(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    // What somebody else wrote may be anything.
    private static DateTimeOffset ToTime(double score) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Clamp(score, DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));
}
