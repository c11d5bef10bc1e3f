using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Tests.Routes.Source;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5m", 300_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("0.5ms", 0.5)]
    public void TryParse_NumberAndUnit_ReadsIt(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("ms")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("0s")]
    [InlineData("5S")]
    [InlineData("5d")]
    [InlineData("1..5s")]
    [InlineData(".5s")]
    [InlineData("5.s")]
    [InlineData("1e3s")]
    [InlineData("999999999h")]
    [InlineData("00:00:05")]
    [InlineData("٥s")]
    [InlineData("0.00000001ms")]
    public void TryParse_AnythingElse_Refuses(string text) => Assert.False(Duration.TryParse(text, out _));
}
