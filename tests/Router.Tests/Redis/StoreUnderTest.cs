using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using System.Text;
using Microsoft.Extensions.Logging;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Redis;

/// <summary>A store, what it logs, and how long its lookups take.</summary>
internal sealed class StoreUnderTest : ILogger<RedisStore>, IAsyncDisposable
{
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(5);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly Digest _probe = Digest.Of("probe");

    private readonly ConcurrentQueue<(LogLevel Level, EventId Id, string Text)> _log = [];

    public StoreUnderTest(RedisSettings? settings = null, RemoteCertificateValidationCallback? certificateValidation = null)
    {
        Store = new RedisStore(TimeProvider.System, this) { CertificateValidation = certificateValidation };
        Store.Flushed += Flushed.Enqueue;
        Store.Configure(settings);
    }

    public RedisStore Store { get; }

    /// <summary>What others flushed: routes, or everything when one is null.</summary>
    public ConcurrentQueue<string?> Flushed { get; } = [];

    public int Flushes => Flushed.Count;

    public static async Task<StoreUnderTest> ConnectAsync(RedisServer server) => await ConnectAsync(server.Settings);

    public static async Task<StoreUnderTest> ConnectAsync(RedisSettings settings)
    {
        var store = new StoreUnderTest(settings);
        await store.WorksAsync();
        return store;
    }

    public string[] Logged(int eventId) => [.. _log.Where(line => line.Id.Id == eventId).Select(static line => line.Text)];

    public string[] Warnings => [.. _log.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Text)];

    public void Set(string id, string value) => Store.Set(RedisKind.Decision, Digest.Of(id), Encoding.UTF8.GetBytes(value), TimeSpan.FromMinutes(1));

    public async Task<string?> GetAsync(string id, RedisKind kind = RedisKind.Decision) =>
        await Store.GetAsync(kind, Digest.Of(id), Patience) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>Writes until it is there: writes are dropped while the store is not well.</summary>
    public Task WriteAsync(string id, string value) => Eventually.TrueAsync(
        async () =>
        {
            Set(id, value);
            await Task.Delay(20);
            return await GetAsync(id) == value;
        },
        $"{id} is written; {Store.GetStatus()}");

    /// <summary>Waits until what is written can be read.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> WorksAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await WriteAsync("works", Guid.NewGuid().ToString("N"));
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Looks up with the usual budget, again and again, and says how long callers waited: for people, no test asserts it.</summary>
    public async Task MeasureAsync(string fault, TimeSpan time, Action? during = null)
    {
        var waited = new List<double>();
        var started = Stopwatch.GetTimestamp();
        during?.Invoke();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var before = Stopwatch.GetTimestamp();
            await Store.GetAsync(RedisKind.Session, _probe, Budget);
            waited.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
            await Task.Delay(1);
        }

        waited.Sort();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{fault}: {waited.Count} lookups, p50 {waited[waited.Count / 2]:F3} ms, p99 {waited[waited.Count * 99 / 100]:F3} ms, max {waited[^1]:F1} ms; {Store.GetStatus()}");
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue((logLevel, eventId, formatter(state, exception)));

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}
