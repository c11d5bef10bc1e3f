using System.Text;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Redis;

/// <summary>A shared table over a store of its own, as a gateway has one, and how often it was told to have changed.</summary>
internal sealed class TableUnderTest : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private int _changes;
    private int _inHandler;
    private int _overlaps;

    public TableUnderTest(RedisSettings? settings)
    {
        Store = new StoreUnderTest(settings);
        Table = new SharedTable(Store.Store);
        Table.Changed += Count;
    }

    public StoreUnderTest Store { get; }

    public SharedTable Table { get; }

    public int Changes => Volatile.Read(ref _changes);

    /// <summary>How often it was told while it was being told.</summary>
    public int Overlaps => Volatile.Read(ref _overlaps);

    public static Task<TableUnderTest> ConnectAsync(RedisServer server) => ConnectAsync(server.Settings);

    public static async Task<TableUnderTest> ConnectAsync(RedisSettings settings)
    {
        var table = new TableUnderTest(settings);
        await Eventually.TrueAsync(() => table.Changes > 0, "it has seen the table");
        return table;
    }

    public static SharedRow Row(string key, string value, DateTimeOffset? leaseUntil = null) => new(key, Encoding.UTF8.GetBytes(value), leaseUntil);

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public Task WriteAsync(params SharedRow[] rows) => Table.WriteAsync(rows, [], CancellationToken.None);

    public Task RemoveAsync(params string[] keys) => Table.WriteAsync([], keys, CancellationToken.None);

    /// <summary>All rows as <c>key=value</c>, in order.</summary>
    public async Task<string[]> ReadAsync()
    {
        var snapshot = await Table.ReadAsync(CancellationToken.None);
        return [.. snapshot.Rows.Select(static row => $"{row.Key}={Encoding.UTF8.GetString(row.Value)}").Order(StringComparer.Ordinal)];
    }

    /// <summary>Does something and waits until it is told of a change.</summary>
    public async Task IsToldAsync(Func<Task> change, string what)
    {
        var before = Changes;
        await change();
        await Eventually.TrueAsync(() => Changes > before, $"it is told: {what}");
    }

    /// <summary>Waits until the table can be read and written.</summary>
    public Task WorksAsync() => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await WriteAsync(Row("works", "1"));
                await RemoveAsync("works");
                return true;
            }
            catch (RedisUnavailableException)
            {
                return false;
            }
        },
        $"the table works; {Store.Store.GetStatus()}");

    public async ValueTask DisposeAsync()
    {
        Table.Changed -= Count;
        await Store.DisposeAsync();
    }

    private void Count()
    {
        if (Interlocked.Increment(ref _inHandler) != 1)
        {
            Interlocked.Increment(ref _overlaps);
        }

        Interlocked.Increment(ref _changes);
        Interlocked.Decrement(ref _inHandler);
    }
}
