using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Receipts;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Tests.Classification;

namespace RouterGateway.Router.Tests.Receipts;

public sealed class ReceiptLogTests : IAsyncLifetime
{
    private readonly RoutesFolder _folder = new(WithDecisions("""{ "receipts": 3, "keepText": true }"""));
    private ServiceProvider _services = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ReceiptLog Log => _services.GetRequiredService<ReceiptLog>();

    public async ValueTask InitializeAsync()
    {
        _services = new ServiceCollection().AddLogging().AddSingleton<IPromptClassifier>(new FixedClassifier(0)).AddPromptRouter(options => options.RoutesFile = _folder.RoutesFile).BuildServiceProvider();
        await ReloadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ListAsync_WithoutRedis_TheNewestOfMemory()
    {
        Add(0, 5);

        var list = await Log.ListAsync(new ReceiptFilter { Limit = 2 }, Token);

        Assert.Equal(ReceiptSource.Memory, list.Source);
        Assert.Equal(["id-4", "id-3"], list.Receipts.Select(static receipt => receipt.Id));
        Assert.Equal((3, 3), (Log.Count, Log.Capacity));
    }

    [Fact]
    public async Task FindAsync_KeptAndGone_TheOneIsFound()
    {
        Add(0, 5);

        Assert.Equal("id-3", (await Log.FindAsync("id-3", Token)).Receipt?.Id);
        Assert.Equal((null, ReceiptSource.Memory), await Log.FindAsync("id-1", Token));
    }

    [Fact]
    public async Task Add_AfterAReload_TheBoundIsThatOfTheFile()
    {
        Add(0, 5);

        _folder.Write(WithDecisions("""{ "receipts": 2 }"""));
        await ReloadAsync();
        Assert.Equal(2, Log.Count);
        _folder.Write(WithDecisions("""{ "receipts": 0 }"""));
        await ReloadAsync();
        Add(5, 2);

        Assert.False(Log.IsOn);
        Assert.Empty((await Log.ListAsync(new ReceiptFilter(), Token)).Receipts);
        Assert.Null((await Log.FindAsync("id-6", Token)).Receipt);
    }

    [Fact]
    public async Task ListAsync_KeepTextTakenBack_TextsAreGone()
    {
        Add(0, 2);
        Assert.All((await Log.ListAsync(new ReceiptFilter(), Token)).Receipts, static receipt => Assert.NotNull(receipt.Text));

        _folder.Write(WithDecisions("""{ "receipts": 3 }"""));
        await ReloadAsync();

        Assert.All((await Log.ListAsync(new ReceiptFilter(), Token)).Receipts, static receipt => Assert.Null(receipt.Text));
        Assert.Null((await Log.FindAsync("id-1", Token)).Receipt?.Text);
    }

    [Fact]
    public async Task ReadAsync_AStreamWithOtherThings_StopsAtTheLimit()
    {
        var asked = 0;

        var read = await ReceiptLog.ReadAsync(StreamAsync(), new ReceiptFilter { RouteId = "coding", Limit = 3 }, Token);

        Assert.Equal(["id-1", "id-4", "id-7"], read.Select(static receipt => receipt.Id));
        Assert.Equal(8, asked);

        async IAsyncEnumerable<byte[]> StreamAsync()
        {
            await Task.CompletedTask;
            while (true)
            {
                yield return (asked++ % 3) switch
                {
                    0 => "junk"u8.ToArray(),
                    1 => ReceiptJson.Serialise(Receipts.Create(asked - 1)),
                    _ => ReceiptJson.Serialise(Receipts.Create(asked - 1, "general")),
                };
            }
        }
    }

    [Fact]
    public void TimeOf_Version7_IsWhenItWasMade()
    {
        Assert.Equal(Receipts.Noon, ReceiptLog.TimeOf(Guid.CreateVersion7(Receipts.Noon).ToString("N")));
        Assert.All(["", "x", Guid.Empty.ToString("N"), "zzzzzzzzzzzz70000000000000000000", "ffffffffffff70000000000000000000", "-00000000000700000000000000000000"], static id => Assert.Null(ReceiptLog.TimeOf(id)));
    }

    private static string WithDecisions(string decisions) => RoutesFolder.Minimal.TrimEnd()[..^1] + $", \"decisions\": {decisions} }}";

    private void Add(int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            Log.Add(Receipts.Create(i, text: "Write a loop"));
        }
    }

    private async Task ReloadAsync()
    {
        var monitor = _services.GetRequiredService<RouteTableMonitor>();
        Assert.True(await monitor.ReloadAsync(Token), string.Join('\n', monitor.LastFaults));
    }
}
