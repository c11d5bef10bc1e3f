#pragma warning disable CA1822
namespace RouterGateway.Router.Decisions.Cache;

/// <summary>Remembers what texts were decided as: in memory, then in Redis.</summary>
public sealed class DecisionCache
{
    /// <summary>What is remembered now.</summary>
    public CacheStatistics GetStatistics() => throw new NotImplementedException();

    /// <summary>Forgets decisions and conversations, in Redis and in the memory of every gateway that shares it.</summary>
    /// <param name="routeId">Those of one route; null = all.</param>
    /// <param name="cancellationToken">Ends the deleting.</param>
    /// <returns>How many were forgotten, in this process's memory and in Redis.</returns>
    /// <exception cref="Redis.RedisUnavailableException">Memory was flushed, Redis could not be asked.</exception>
    public Task<(int Memory, long Redis)> FlushAsync(string? routeId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
