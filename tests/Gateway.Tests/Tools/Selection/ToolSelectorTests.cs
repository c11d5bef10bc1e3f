using System.Text;
using RouterGateway.Gateway.Tools.Selection;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Selection;

/// <summary>What is selected, and what when the model is in trouble.</summary>
public sealed class ToolSelectorTests : IDisposable
{
    private static readonly string[] _oddPieces =
    [
        "", " ", "\n", "😀", "👩‍👩‍👧", "\0", "\ud800", "\udc00", "<eos>", "<start_of_turn>", "<|tool_call|>", "<bos>", "\u202e", "ﷺ", "用Python写", "ไทย", "हिन्दी", "e\u0301", "İ", "ß", "1234567890",
        "get_weather", "HTTPStatusCode", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "'; DROP TABLE tools; --", "{\"a\":[", "../..", "%00", "a", "ing", "ed", "ies", "s",
    ];

    private readonly FakeEmbedder _model = new();

    public void Dispose() => _model.Dispose();

    [Fact]
    public async Task Select_APrompt_ReturnsTheBestFirst()
    {
        await using var host = await StartAsync();

        var scored = await host.Selector.SelectAsync(host.Table, "me", new ToolQuery { Text = "Please send an email to Anna about the invoice", Top = 4 }, CancellationToken.None);

        Assert.Equal(["sendEmail", "create_invoice"], scored.Take(2).Select(static s => s.Tool.Name).OrderDescending(StringComparer.Ordinal));
        Assert.Equal(4, scored.Count);
        Assert.Equal(scored.OrderByDescending(static s => s.Score), scored);
        Assert.Equal("embedded", host.Outcomes.Last());
    }

    [Fact]
    public async Task Select_NothingInCommon_OrdersByName()
    {
        await using var host = await SelectionHost.StartAsync(hasModel: false);
        host.Register("me", SelectionHost.Tools());

        var selected = await host.SelectAsync("zzz", top: 10);

        Assert.Equal(selected.Order(StringComparer.Ordinal), selected);
        Assert.Equal(6, selected.Length);
        Assert.Equal("no_model", host.Outcomes.Last());
    }

    [Fact]
    public async Task Select_FiltersAndNamesOfTheRequest_AreHeeded()
    {
        await using var host = await StartAsync();

        var allowed = await host.SelectAsync("book a flight", top: 10, filters: [new ToolFilter(["book_*", "get_weather"], []), new ToolFilter([], ["get_*"])]);
        var others = await host.SelectAsync("book a flight", top: 2, exclude: new HashSet<string> { "book_flight" });
        var none = await host.SelectAsync("book a flight", top: 0);

        Assert.Equal(["book_flight"], allowed);
        Assert.Equal(2, others.Length);
        Assert.DoesNotContain("book_flight", others);
        Assert.Empty(none);
    }

    [Fact]
    public async Task Select_ABrokenTool_IsLeftOut()
    {
        await using var host = await StartAsync();
        var tool = host.Registry.Current.For("me").Find("book_flight")!;
        var breaker = host.Health.BreakerOf(tool);
        for (var i = 0; i < 5; i++)
        {
            breaker.Fail();
        }

        var broken = await host.SelectAsync("book a flight", top: 10);
        breaker.Succeed();
        var well = await host.SelectAsync("book a flight", top: 10);

        Assert.DoesNotContain("book_flight", broken);
        Assert.Equal(5, broken.Length);
        Assert.Equal("book_flight", well[0]);
    }

    [Theory]
    [InlineData(nameof(FakeEmbedder.Mood.Throwing), "error")]
    [InlineData(nameof(FakeEmbedder.Mood.Poisoned), "error")]
    [InlineData(nameof(FakeEmbedder.Mood.Stuck), "late")]
    public async Task Select_AModelInTrouble_GoesByWords(string mood, string outcome)
    {
        await using var host = await StartAsync(deadline: mood == nameof(FakeEmbedder.Mood.Stuck) ? "100ms" : "20s");
        _model.Become(Enum.Parse<FakeEmbedder.Mood>(mood));

        var selected = await host.SelectAsync("convert 100 euros to another currency", top: 1);
        _model.Become(FakeEmbedder.Mood.Well);

        Assert.Equal(["convert_currency"], selected);
        Assert.Contains(outcome, host.Outcomes);
    }

    [Fact]
    public async Task Select_TheCallerLeft_Throws()
    {
        await using var host = await StartAsync();
        _model.Become(FakeEmbedder.Mood.Stuck);
        using var left = new CancellationTokenSource();

        var selection = host.Selector.SelectAsync(host.Table, "me", new ToolQuery { Text = "x", Top = 1 }, left.Token).AsTask();
        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => selection);
    }

    [Fact]
    public async Task Select_TenThousandOddTexts_AlwaysAnswers()
    {
        await using var host = await StartAsync();
        var random = new Random(20261121);

        for (var i = 0; i < 10_000; i++)
        {
            var selected = await host.SelectAsync(i % 1_000 == 999 ? new string((char)random.Next(0x20, 0xE000), 1 << 20) : OddText(random), top: 6);
            Assert.Equal(6, selected.Length);
        }

        Assert.DoesNotContain("failed", host.Outcomes);
    }

    [Fact]
    public async Task Select_TheShippedModelAndOddTexts_AlwaysAnswers()
    {
        await using var host = await SelectionHost.StartAsync();
        host.Register("me", SelectionHost.Tools());
        await host.EmbeddedAsync(6);
        var random = new Random(20261122);

        foreach (var text in Enumerable.Range(0, 200).Select(_ => OddText(random)).Append(string.Concat(Enumerable.Repeat("send email 😀 ", 80_000))))
        {
            Assert.Equal(6, (await host.SelectAsync(text, top: 6)).Length);
        }

        Assert.Contains("embedded", host.Outcomes);
        Assert.DoesNotContain("failed", host.Outcomes);
    }

    private async Task<SelectionHost> StartAsync(string deadline = "20s")
    {
        var host = await SelectionHost.StartAsync(_model, deadline: deadline);
        host.Register("me", SelectionHost.Tools());
        await host.EmbeddedAsync(6);
        return host;
    }

    private static string OddText(Random random)
    {
        var text = new StringBuilder();
        for (var pieces = random.Next(12); pieces > 0; pieces--)
        {
            text.Append(random.Next(4) == 0 ? ((char)random.Next(0x10000)).ToString() : _oddPieces[random.Next(_oddPieces.Length)]).Append(random.Next(2) == 0 ? " " : "");
        }

        return text.ToString();
    }
}
