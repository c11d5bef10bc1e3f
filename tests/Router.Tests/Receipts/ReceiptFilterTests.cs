using System.Globalization;
using RouterGateway.Router.Receipts;

namespace RouterGateway.Router.Tests.Receipts;

public sealed class ReceiptFilterTests
{
    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("coding", "rule", 0, true)]
    [InlineData("general", null, null, false)]
    [InlineData(null, "cache", null, false)]
    [InlineData(null, null, 5, true)]
    [InlineData(null, null, 6, false)]
    public void Matches_AReceipt_AllThatIsSetMustFit(string? route, string? outcome, int? sinceSeconds, bool expected)
    {
        var filter = new ReceiptFilter { RouteId = route, Outcome = outcome, Since = sinceSeconds is { } seconds ? Receipts.Noon.AddSeconds(seconds) : null };

        Assert.Equal(expected, filter.Matches(Receipts.Create(5, "coding", "rule")));
    }

    [Theory]
    [InlineData("90s", "2026-11-21T11:58:30Z")]
    [InlineData("15m", "2026-11-21T11:45:00Z")]
    [InlineData("1.5h", "2026-11-21T10:30:00Z")]
    [InlineData("2026-11-20", "2026-11-20T00:00:00Z")]
    [InlineData("2026-11-20T10:11", "2026-11-20T10:11:00Z")]
    [InlineData("2026-11-20T10:11:12.5Z", "2026-11-20T10:11:12.5Z")]
    [InlineData("2026-11-20T10:11:12+02:00", "2026-11-20T08:11:12Z")]
    [InlineData("2026-11-20T10:11:12 02:00", "2026-11-20T08:11:12Z")]
    public void TryParseSince_ATimeOrADuration_IsRead(string written, string expected)
    {
        Assert.True(ReceiptFilter.TryParseSince(written, Receipts.Noon, out var since));

        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), since);
    }

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("-15m")]
    [InlineData("0s")]
    [InlineData("10000h")]
    [InlineData("yesterday")]
    [InlineData("12:00")]
    [InlineData("2026-13-01")]
    public void TryParseSince_AnythingElse_IsRefused(string written) => Assert.False(ReceiptFilter.TryParseSince(written, Receipts.Noon, out _));
}
