using System.Text.Json;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>Deletes decisions and conversations, and nothing else.</summary>
internal static class RedisSweep
{
    private const int BatchSize = 128;
    private const int ScanPageSize = 500;

    /// <summary>Deletes those that are there when it starts.</summary>
    /// <param name="link">The server.</param>
    /// <param name="routeId">Those of one route; null = all.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public static async Task<long> DeleteAsync(RedisLink link, string? routeId, CancellationToken cancellationToken)
    {
        var connection = await link.AskAsync(Task.FromResult, cancellationToken);
        var primaries = connection.Primaries().ToList();
        if (primaries.Count == 0)
        {
            throw new RedisUnavailableException($"{link.Endpoints} has no primary that is connected: name it in decisions.redis.");
        }

        var deleted = 0L;
        foreach (var primary in primaries)
        {
            foreach (var kind in Enum.GetValues<RedisKind>())
            {
                // version 1 of the library scans synchronously (its server has no ExecuteAsync), so that is done on a thread nobody misses
                var keys = primary.Keys(connection.Database.Database, link.Keys.PatternOf(kind), ScanPageSize);
                deleted += await Task.Run(() => DeleteAsync(link, keys, routeId, cancellationToken), cancellationToken);
            }
        }

        return deleted;
    }

    /// <summary>Reads of a value only whose it is; null when it cannot be read.</summary>
    internal static string? RouteOf(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isRoute = reader.ValueTextEquals("route"u8);
                reader.Read();
                if (isRoute)
                {
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                }

                reader.Skip();
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter of a surrogate without its pair
        {
            // what cannot be read is of no route
        }

        return null;
    }

    private static async Task<long> DeleteAsync(RedisLink link, IEnumerable<RedisKey> keys, string? routeId, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        try
        {
            foreach (var batch in keys.Chunk(BatchSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                deleted += await link.AskAsync(async connection => await DeleteAsync(connection.Database, routeId is null ? batch : await OfRouteAsync(connection.Database, batch, routeId)), cancellationToken);
            }
        }
        catch (Exception fault) when (fault is RedisException or TimeoutException or ObjectDisposedException)
        {
            throw new RedisUnavailableException(RedisFailure.Of(fault).Describe(link.Endpoints, link.Settings));
        }

        return deleted;
    }

    // One command a key: the keys of a batch may lie on several servers of a cluster. The values are small, so DEL does not hold up the server.
    private static async Task<long> DeleteAsync(IDatabase database, RedisKey[] keys) =>
        (await Task.WhenAll(keys.Select(key => database.KeyDeleteAsync(key)))).LongCount(static isDeleted => isDeleted);

    private static async Task<RedisKey[]> OfRouteAsync(IDatabase database, RedisKey[] keys, string routeId)
    {
        var reads = Array.ConvertAll(keys, key => database.StringGetAsync(key));
        await ((Task)Task.WhenAll(reads)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var found = new List<RedisKey>();
        for (var i = 0; i < keys.Length; i++)
        {
            if (RedisFailure.Of(reads[i]) is { Kind: RedisFailureKind.Server })
            {
                continue; // another type: of no route
            }

            if ((byte[]?)await reads[i] is { } value && RouteOf(value) == routeId)
            {
                found.Add(keys[i]);
            }
        }

        return [.. found];
    }
}
