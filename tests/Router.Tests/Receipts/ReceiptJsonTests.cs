using System.Text;
using RouterGateway.Router.Decisions;
using RouterGateway.Router.Receipts;

namespace RouterGateway.Router.Tests.Receipts;

public sealed class ReceiptJsonTests
{
    [Fact]
    public void TryRead_AFullReceipt_IsTheSame()
    {
        var receipt = Receipts.Full();

        Assert.True(ReceiptJson.TryRead(ReceiptJson.Serialise(receipt), out var read));

        Assert.Equal(receipt.Scores.AsEnumerable(), read.Scores);
        Assert.Equal(receipt, read with { Scores = receipt.Scores }); // arrays are equal by reference
    }

    [Fact]
    public void TryRead_ABareReceipt_IsTheSame()
    {
        var receipt = Receipts.Create(1, route: null, outcome: "pinned");

        Assert.True(ReceiptJson.TryRead(ReceiptJson.Serialise(receipt), out var read));

        Assert.Equal(receipt with { Scores = read.Scores }, read);
        Assert.Empty(read.Scores);
    }

    [Fact]
    public void TryRead_WhatIsUnknownOrOfAnotherKind_IsPassedOver()
    {
        const string json = """
            {"id":"a","time":"2026-11-21T12:00:00Z","outcome":"guessed","new":{"id":[1]},"scores":{"coding":"high","general":0.25},"text":7,"signals":[],"attempts":1.5,
             "tokens":{"prompt":99999999999},"route":null,"confidence":1e999,"timings_ms":{"total":"long","warp":1}}
            """;

        Assert.True(ReceiptJson.TryRead(Encoding.UTF8.GetBytes(json), out var receipt));

        Assert.Equal(("a", "guessed", null, 0, 0, 0), (receipt.Id, receipt.Outcome, receipt.RouteId, receipt.Confidence, receipt.Attempts, receipt.Timings.TotalMs));
        Assert.Equal([new RouteScore("general", 0.25)], receipt.Scores);
        Assert.Null(receipt.PromptTokens);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"id":"a","outcome":"rule"}""")]
    [InlineData("""{"id":"a","outcome":"rule","time":"yesterday"}""")]
    [InlineData("""{"id":7,"outcome":"rule","time":"2026-11-21T12:00:00Z"}""")]
    [InlineData("""{"id":"\ud800","outcome":"rule","time":"2026-11-21T12:00:00Z"}""")]
    [InlineData("""{"id":"a","outcome":"rule","time":"2026-11-21T12:00:00Z","scores":{"\udc00":1}}""")]
    public void TryRead_WhatIsNoReceipt_IsRefused(string json) => Assert.False(ReceiptJson.TryRead(Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void TryRead_DamagedBytes_NeverThrows()
    {
        var random = new Random(1);
        var whole = ReceiptJson.Serialise(Receipts.Full());
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = whole.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                damaged[random.Next(damaged.Length)] = round % 2 == 0 ? (byte)random.Next(256) : (byte)"{}[]\",:\\u0d8"[random.Next(12)];
            }

            var bytes = damaged.AsMemory(0, round % 3 == 0 ? random.Next(damaged.Length) : damaged.Length);
            if (ReceiptJson.TryRead(bytes, out var receipt))
            {
                Assert.True(ReceiptJson.TryRead(ReceiptJson.Serialise(receipt), out _)); // what was read can be written
            }
        }
    }

    [Fact]
    public void Serialise_WhatJsonCannotHold_IsReplaced()
    {
        var receipt = Receipts.Create(1) with { Text = new DecidedText("a\ud800b", "\udc00"), Model = "m\ud800", Confidence = double.NaN, Scores = [new RouteScore("coding", double.PositiveInfinity)] };

        Assert.True(ReceiptJson.TryRead(ReceiptJson.Serialise(receipt), out var read));

        Assert.Equal(("a\uFFFDb", "\uFFFD", "m\uFFFD", 0), (read.Text?.Ask, read.Text?.Text, read.Model, read.Confidence));
    }

    [Fact]
    public void Serialise_WithoutText_DoesNotNameIt()
    {
        var json = Encoding.UTF8.GetString(ReceiptJson.Serialise(Receipts.Full() with { Text = null }));

        Assert.DoesNotContain("Rust", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\"ask\"", json, StringComparison.Ordinal);
    }
}
