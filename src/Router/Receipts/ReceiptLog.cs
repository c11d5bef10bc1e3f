using System.Globalization;
using RouterGateway.Router.Redis;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Receipts;

/// <summary>Keeps the receipts of decisions: the newest in memory and, when Redis is set, in a stream that all gateways share.</summary>
public sealed class ReceiptLog
{
    /// <summary>Most characters of text in memory, 64 MiB; beyond it the oldest receipts lose theirs.</summary>
    internal const long MostTextCharacters = 32 << 20;

    /// <summary>So many times more receipts are kept in the stream than in memory.</summary>
    internal const int StreamFactor = 10;

    // the stream goes by the clock of the Redis server, and a receipt is appended when its request has ended
    private static readonly TimeSpan _clockDifference = TimeSpan.FromMinutes(5);

    private readonly ReceiptRing _ring = new();
    private readonly RouteTableMonitor _routes;
    private readonly RedisStore _redis;

    internal ReceiptLog(RouteTableMonitor routes, RedisStore redis) => (_routes, _redis) = (routes, redis);

    /// <summary>False when <c>decisions.receipts</c> is 0: nothing is kept.</summary>
    public bool IsOn => Capacity > 0;

    /// <summary>Most receipts in memory.</summary>
    public int Capacity => _routes.Current.Decisions.Receipts;

    /// <summary>Receipts in memory.</summary>
    public int Count => Limited().Count;

    /// <summary>Keeps a receipt.</summary>
    public void Add(DecisionReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        Limited().Add(receipt);
        if (IsOn && _redis.IsConfigured)
        {
            _redis.AppendReceipt(ReceiptJson.Serialise(receipt), StreamFactor * Capacity);
        }
    }

    /// <summary>Returns the newest receipts that match: of all gateways when Redis answers, else of this process.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<ReceiptList> ListAsync(ReceiptFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (IsOn && _redis.IsConfigured)
        {
            try
            {
                var stream = _redis.ReadReceiptsAsync(AppendedSince(filter.Since), cancellationToken);
                return new ReceiptList(ReceiptSource.Redis, [.. (await ReadAsync(stream, filter, cancellationToken)).Select(Shown)]);
            }
            catch (RedisUnavailableException)
            {
                // its log says so; what this process knows is better than nothing
            }
        }

        return new ReceiptList(ReceiptSource.Memory, [.. Limited().List(filter)]);
    }

    /// <summary>Returns the receipt of a decision: from memory, else from the stream; null when it is not kept.</summary>
    /// <exception cref="OperationCanceledException">The caller left.</exception>
    public async Task<(DecisionReceipt? Receipt, ReceiptSource Source)> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (Limited().Find(id) is { } kept)
        {
            return (kept, ReceiptSource.Memory);
        }

        if (!IsOn || !_redis.IsConfigured)
        {
            return (null, ReceiptSource.Memory);
        }

        try
        {
            await foreach (var bytes in _redis.ReadReceiptsAsync(AppendedSince(TimeOf(id)), cancellationToken))
            {
                if (ReceiptJson.TryRead(bytes, out var receipt) && receipt.Id == id)
                {
                    return (Shown(receipt), ReceiptSource.Redis);
                }
            }

            return (null, ReceiptSource.Redis);
        }
        catch (RedisUnavailableException)
        {
            return (null, ReceiptSource.Memory);
        }
    }

    /// <summary>Reads a stream until there are enough that match; what is no receipt is passed over.</summary>
    internal static async Task<List<DecisionReceipt>> ReadAsync(IAsyncEnumerable<byte[]> stream, ReceiptFilter filter, CancellationToken cancellationToken)
    {
        var found = new List<DecisionReceipt>();
        await foreach (var bytes in stream.WithCancellation(cancellationToken))
        {
            if (ReceiptJson.TryRead(bytes, out var receipt) && filter.Matches(receipt))
            {
                found.Add(receipt);
            }

            if (found.Count >= filter.Limit)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>When an id was made, which a version 7 UUID tells; null for another one.</summary>
    internal static DateTimeOffset? TimeOf(string id) =>
        id.Length == 32 && id[12] == '7' && long.TryParse(id.AsSpan(0, 12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var ms) && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;

    private static DateTimeOffset? AppendedSince(DateTimeOffset? arrived) => arrived > DateTimeOffset.UnixEpoch ? arrived - _clockDifference : null;

    // Texts that were kept before keepText was taken back are gone from memory, and not shown from the stream.
    private DecisionReceipt Shown(DecisionReceipt receipt) => _routes.Current.Decisions.KeepText ? receipt : receipt with { Text = null };

    // The ring as the running table wants it.
    private ReceiptRing Limited()
    {
        var settings = _routes.Current.Decisions;
        _ring.Limit(settings.Receipts, settings.KeepText ? MostTextCharacters : 0);
        return _ring;
    }
}
