using RouterGateway.Router.Decisions.Cache;

namespace RouterGateway.Router.Tests.Decisions.Cache;

public sealed class SieveCacheTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Put_MoreThanFit_SparesWhatWasAskedFor()
    {
        var cache = new SieveCache<int, string>(_time, capacity: 3);
        Put(cache, 1, 2, 3);
        Assert.True(cache.TryGet(1, out _));

        Put(cache, 4, 5);

        Assert.Equal([1, 4, 5], Enumerable.Range(1, 5).Where(key => cache.TryGet(key, out _)));
        Assert.Equal((3, 2L), (cache.Count, cache.Evictions));
    }

    [Fact]
    public void Put_AllWereAskedFor_EvictsTheOldest()
    {
        var cache = new SieveCache<int, string>(_time, capacity: 3);
        Put(cache, 1, 2, 3);
        Assert.All(new[] { 1, 2, 3 }, key => Assert.True(cache.TryGet(key, out _)));

        Put(cache, 4);

        Assert.Equal([2, 3, 4], Enumerable.Range(1, 4).Where(key => cache.TryGet(key, out _)));
    }

    [Fact]
    public void TryGet_AfterItsTime_HasForgotten()
    {
        var cache = new SieveCache<int, string>(_time, capacity: 3);
        cache.Put(1, "one", TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9));
        var before = cache.TryGet(1, out var value);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((true, "one"), (before, value));
        Assert.False(cache.TryGet(1, out _));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void Put_AKnownKey_ReplacesValueAndTime()
    {
        var cache = new SieveCache<int, string>(_time, capacity: 2);
        cache.Put(1, "one", TimeSpan.FromSeconds(1));
        cache.Put(1, "uno", _hour);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(cache.TryGet(1, out var value));
        Assert.Equal(("uno", 1), (value, cache.Count));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(10, 5)]
    public void Capacity_Changed_AppliesAtOnce(int capacity, int left)
    {
        var cache = new SieveCache<int, string>(_time, capacity: 5);
        Put(cache, 1, 2, 3, 4, 5);

        cache.Capacity = capacity;
        var after = cache.Count;
        Put(cache, 6);

        Assert.Equal(left, after);
        Assert.Equal(Math.Min(capacity, left + 1), cache.Count);
    }

    [Fact]
    public void RemoveWhere_ACondition_ForgetsThoseOnly()
    {
        var cache = new SieveCache<int, string>(_time, capacity: 5);
        Put(cache, 1, 2, 3, 4, 5);

        var removed = cache.RemoveWhere(static value => value is "1" or "3" or "5");
        Put(cache, 6, 7, 8, 9);

        Assert.Equal(3, removed);
        Assert.Equal(5, cache.Count);
        Assert.Equal([4, 6, 7, 8, 9], Enumerable.Range(1, 9).Where(key => cache.TryGet(key, out _)));
    }

    [Fact]
    public async Task PutAndTryGet_ManyThreads_StaysBoundedAndRight()
    {
        var cache = new SieveCache<int, string>(TimeProvider.System, capacity: 100);
        var wrong = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 20_000; i++)
            {
                var key = random.Next(500);
                if (cache.TryGet(key, out var value) && value != $"{key}")
                {
                    Interlocked.Increment(ref wrong);
                }

                switch (random.Next(100))
                {
                    case 0:
                        cache.RemoveWhere(v => v == $"{key}");
                        break;
                    case 1:
                        cache.Capacity = random.Next(50, 100);
                        break;
                    default:
                        cache.Put(key, $"{key}", random.Next(10) == 0 ? TimeSpan.Zero : _hour);
                        break;
                }
            }
        })));

        Assert.Equal(0, wrong);
        Assert.InRange(cache.Count, 1, 100);
        Assert.Equal(cache.Count, cache.RemoveWhere(static _ => true));
        Assert.Equal(0, cache.Count);
    }

    private static void Put(SieveCache<int, string> cache, params int[] keys) => Array.ForEach(keys, key => cache.Put(key, $"{key}", _hour));
}
