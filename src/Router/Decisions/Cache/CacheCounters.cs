namespace RouterGateway.Router.Decisions.Cache;

/// <summary>How often decisions came from where.</summary>
internal sealed class CacheCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<CacheTier>().Length];

    /// <summary>Counts one.</summary>
    public void Add(CacheTier tier) => Interlocked.Increment(ref _counts[(int)tier]);

    /// <summary>Reads the count.</summary>
    public long Of(CacheTier tier) => Volatile.Read(ref _counts[(int)tier]);
}
