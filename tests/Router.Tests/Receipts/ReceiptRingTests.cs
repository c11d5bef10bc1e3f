using RouterGateway.Router.Receipts;

namespace RouterGateway.Router.Tests.Receipts;

public sealed class ReceiptRingTests
{
    private static readonly ReceiptFilter _all = new() { Limit = 1_000_000 };

    [Fact]
    public void Add_MoreThanItHolds_TheOldestGo()
    {
        var ring = Create(3);

        Fill(ring, 0, 10);

        Assert.Equal(3, ring.Count);
        Assert.Equal(["id-9", "id-8", "id-7"], Ids(ring, _all));
        Assert.Null(ring.Find("id-6"));
        Assert.Equal("id-7", ring.Find("id-7")?.Id);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void Limit_AnotherCapacity_TheNewestStay(int capacity)
    {
        var ring = Create(4);
        Fill(ring, 0, 6);

        ring.Limit(capacity, 0);
        Assert.Equal(Enumerable.Range(2, 4).Reverse().Take(capacity).Select(static n => $"id-{n}"), Ids(ring, _all));
        Fill(ring, 6, 10);

        Assert.Equal(Enumerable.Range(2, 14).Reverse().Take(capacity).Select(static n => $"id-{n}"), Ids(ring, _all));
        Assert.Equal(capacity, ring.Count);
        Assert.All(Enumerable.Range(0, 16), n => Assert.Equal(n >= 16 - capacity, ring.Find($"id-{n}") is not null));
    }

    [Fact]
    public void Limit_Zero_NothingIsKept()
    {
        var ring = Create(4);
        Fill(ring, 0, 6);

        ring.Limit(0, 0);
        Fill(ring, 6, 2);

        Assert.Equal((0, 0), (ring.Count, Ids(ring, _all).Count()));
        Assert.Null(ring.Find("id-7"));
    }

    [Fact]
    public void List_OverManyPages_FindsTheNewestThatMatch()
    {
        var ring = Create(5000);
        for (var i = 0; i < 7000; i++)
        {
            ring.Add(Receipts.Create(i, i % 1000 == 500 ? "rare" : "coding"));
        }

        var rare = Ids(ring, new ReceiptFilter { RouteId = "rare", Limit = 3 });
        var all = Ids(ring, _all).ToList();

        Assert.Equal(["id-6500", "id-5500", "id-4500"], rare);
        Assert.Equal(Enumerable.Range(2000, 5000).Reverse().Select(static n => $"id-{n}"), all);
    }

    [Fact]
    public void Add_TextOverTheBound_TheOldestLoseTheirs()
    {
        var ring = new ReceiptRing();
        ring.Limit(10, 100);

        for (var i = 0; i < 5; i++)
        {
            ring.Add(Receipts.Create(i, text: new string('x', 40)));
        }

        Assert.Equal([true, true, false, false, false], ring.List(_all).Select(static receipt => receipt.Text is not null));
        Assert.Null(ring.Find("id-2")?.Text);
        Assert.NotNull(ring.Find("id-3")?.Text);
    }

    [Fact]
    public void Limit_NoText_AllLoseTheirs()
    {
        var ring = new ReceiptRing();
        ring.Limit(3, 1000);
        for (var i = 0; i < 5; i++)
        {
            ring.Add(Receipts.Create(i, text: "secret"));
        }

        ring.Limit(3, 0);
        ring.Limit(3, 1000);
        ring.Add(Receipts.Create(5, text: "new"));

        Assert.Equal(["new", null, null], ring.List(_all).Select(static receipt => receipt.Text?.Ask));
    }

    [Fact]
    public async Task Add_FromManyThreads_WhatIsListedIsWhole()
    {
        var ring = Create(100);

        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() => Fill(ring, writer * 10_000, 5000)));
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                Assert.DoesNotContain(ring.List(_all), static receipt => receipt is null);
                ring.Limit(100 + (i % 3), 0);
            }
        }));
        await Task.WhenAll(writers.Concat(readers));

        ring.Limit(100, 0);
        Assert.Equal(100, ring.Count);
        Assert.All(ring.List(_all), receipt => Assert.Same(receipt, ring.Find(receipt.Id)));
    }

    private static ReceiptRing Create(int capacity)
    {
        var ring = new ReceiptRing();
        ring.Limit(capacity, mostTextCharacters: 0);
        return ring;
    }

    private static void Fill(ReceiptRing ring, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            ring.Add(Receipts.Create(i));
        }
    }

    private static IEnumerable<string> Ids(ReceiptRing ring, ReceiptFilter filter) => ring.List(filter).Select(static receipt => receipt.Id);
}
