namespace RouterGateway.Router.Redis;

/// <summary>The time that one decision may still wait for Redis, all its lookups together. Used by one caller at a time.</summary>
/// <param name="redis">The store.</param>
/// <param name="budget">In all.</param>
/// <param name="timeProvider">Clock.</param>
internal sealed class RedisAllowance(RedisStore redis, TimeSpan budget, TimeProvider timeProvider)
{
    private TimeSpan _left = budget;

    /// <summary>Reads a value within what is left.</summary>
    /// <returns>Null when there is none, or when the server could not say so in time.</returns>
    public async ValueTask<byte[]?> GetAsync(RedisKind kind, Digest id)
    {
        var asked = timeProvider.GetTimestamp();
        var value = await redis.GetAsync(kind, id, _left);
        _left -= timeProvider.GetElapsedTime(asked);
        return value;
    }
}
