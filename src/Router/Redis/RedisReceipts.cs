using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace RouterGateway.Router.Redis;

/// <summary>Reads the stream of receipts.</summary>
internal static class RedisReceipts
{
    private const int PageSize = 500;
    private const string Field = "r";

    /// <summary>Reads receipts, newest first; entries that are none of ours are skipped.</summary>
    /// <exception cref="RedisUnavailableException">The server could not be asked.</exception>
    public static async IAsyncEnumerable<byte[]> ReadAsync(RedisLink link, DateTimeOffset? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // an id is the server's clock in milliseconds, "-" and a count within the millisecond
        var from = since is { } time ? Math.Max(0, time.ToUnixTimeMilliseconds()).ToString(CultureInfo.InvariantCulture) : "-";
        var to = "+";
        while (true)
        {
            var end = to;
            var page = await link.AskAsync(connection => connection.Database.ExecuteAsync("XREVRANGE", link.Keys.Receipts, end, from, "COUNT", PageSize), cancellationToken);
            var entries = (RedisResult[]?)page ?? [];
            foreach (var entry in entries)
            {
                if (ReadReceipt(entry) is { } receipt)
                {
                    yield return receipt;
                }
            }

            if (entries.Length < PageSize || IdBefore(entries[^1]) is not { } before)
            {
                yield break;
            }

            to = before;
        }
    }

    private static byte[]? ReadReceipt(RedisResult entry) =>
        (RedisResult[]?)entry is [_, var fields] && (RedisResult[]?)fields is [var name, var value] && (string?)name == Field ? (byte[]?)value : null;

    // Redis before 6.2 has no exclusive ranges.
    private static string? IdBefore(RedisResult entry)
    {
        if ((RedisResult[]?)entry is not [var id, ..] || ((string?)id)?.Split('-') is not [var milliseconds, var count])
        {
            return null;
        }

        return count == "0"
            ? (ulong.Parse(milliseconds, CultureInfo.InvariantCulture) - 1).ToString(CultureInfo.InvariantCulture)
            : $"{milliseconds}-{ulong.Parse(count, CultureInfo.InvariantCulture) - 1}";
    }
}
