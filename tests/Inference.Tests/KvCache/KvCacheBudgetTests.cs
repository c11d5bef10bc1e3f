using RouterGateway.Inference.KvCache;

namespace RouterGateway.Inference.Tests.KvCache;

public sealed class KvCacheBudgetTests
{
    [Theory]
    [InlineData(1_000_000, 80_000)] // four at full length
    [InlineData(100_000, 50_000)] // half of what is free
    [InlineData(0, 20)] // one token
    public void ChoosePoolBytes_FourSequences_FitsTheMemory(long freeBytes, long poolBytes) =>
        Assert.Equal(poolBytes, KvCacheBudget.ChoosePoolBytes(new KvCacheLayout(20, KvCachePrecision.None, 1), contextTokens: 1000, sequences: 4, freeBytes));

    [Fact]
    public async Task AcquireAsync_WhatFits_IsTakenAtOnce()
    {
        var budget = new KvCacheBudget(100);

        await budget.AcquireAsync(60, CancellationToken.None);
        await budget.AcquireAsync(40, CancellationToken.None);

        Assert.Equal(100, budget.UsedBytes);
    }

    [Fact]
    public async Task AcquireAsync_WhatDoesNotFit_WaitsInOrder()
    {
        var budget = new KvCacheBudget(100);
        await budget.AcquireAsync(80, CancellationToken.None);
        var large = budget.AcquireAsync(90, CancellationToken.None);
        var small = budget.AcquireAsync(10, CancellationToken.None);

        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted); // it would fit, but came later

        budget.Release(80);
        await large;
        await small;
        Assert.Equal(100, budget.UsedBytes);
    }

    [Fact]
    public async Task AcquireAsync_Cancelled_LetsTheNextOneIn()
    {
        var budget = new KvCacheBudget(100);
        await budget.AcquireAsync(80, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var large = budget.AcquireAsync(90, cancellation.Token);
        var small = budget.AcquireAsync(10, CancellationToken.None);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        await small;
        Assert.Equal(90, budget.UsedBytes);
    }

    [Fact]
    public async Task AcquireAsync_MoreThanThePool_IsABug()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => new KvCacheBudget(100).AcquireAsync(101, CancellationToken.None));
    }

    [Fact]
    public async Task AcquireAsync_ManyAtOnceAndSomeCancelled_EndsEmpty()
    {
        var budget = new KvCacheBudget(1000);
        var random = new Random(1);
        var work = Enumerable.Range(0, 400).Select(_ => (Bytes: random.NextInt64(1, 600), GivesUp: random.Next(3) == 0)).ToArray();

        await Task.WhenAll(work.Select(item => Task.Run(async () =>
        {
            using var cancellation = new CancellationTokenSource();
            if (item.GivesUp)
            {
                cancellation.CancelAfter(1);
            }

            try
            {
                await budget.AcquireAsync(item.Bytes, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Assert.True(budget.UsedBytes <= 1000);
            await Task.Yield();
            budget.Release(item.Bytes);
        })));

        Assert.Equal(0, budget.UsedBytes);
    }

    [Fact]
    public void LongestSequence_FillsTheBytesItIsGiven()
    {
        var layout = new KvCacheLayout(640, KvCachePrecision.Int8, 4, SlidingBytesPerToken: 384, WindowTokens: 128);
        foreach (var bytes in new long[] { 640, 100_000, 640 * 896, (640 * 896) + 1, 900_000, 10_000_000 })
        {
            var longest = (int)layout.LongestSequence(bytes);

            Assert.InRange(layout.BytesOf(longest, windowsOnly: true), 0, bytes);
            Assert.True(layout.BytesOf(longest + 1, windowsOnly: true) > bytes);
            Assert.Equal(bytes / 640, layout.WithoutWindows().LongestSequence(bytes));
        }
    }
}
