using System.Globalization;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Receipts;

/// <summary>Which receipts are wanted, newest first.</summary>
public sealed record ReceiptFilter
{
    private static readonly string[] _timeFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Of this route; null = of any, and of none.</summary>
    public string? RouteId { get; init; }

    /// <summary>With this outcome; null = any.</summary>
    public string? Outcome { get; init; }

    /// <summary>Of requests that arrived then or later; null = any.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Most receipts.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Reads a point in time: ISO 8601 (UTC unless it says otherwise), or how long ago, as in <c>15m</c>.</summary>
    public static bool TryParseSince(string written, DateTimeOffset now, out DateTimeOffset since)
    {
        ArgumentNullException.ThrowIfNull(written);
        if (Duration.TryParse(written, out var ago))
        {
            since = now - ago;
            return true;
        }

        // a plus sign in a query is read as a space unless it was escaped
        return DateTimeOffset.TryParseExact(written.Replace(' ', '+'), _timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out since);
    }

    /// <summary>True when a receipt is one of those that are wanted.</summary>
    public bool Matches(DecisionReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return (RouteId is null || receipt.RouteId == RouteId) && (Outcome is null || receipt.Outcome == Outcome) && (Since is null || receipt.Time >= Since);
    }
}
