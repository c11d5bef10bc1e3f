using RouterGateway.Router.Redis;

namespace RouterGateway.Router.Tests.Redis;

public sealed class RedisKeysTests
{
    [Fact]
    public void Of_Kinds_NamesThemAfterThePrefix()
    {
        var keys = new RedisKeys("gw-ä:");
        var id = new Digest(0x0123456789abcdef, 0xf);

        Assert.Equal("gw-ä:decision:0123456789abcdef000000000000000f", (string?)keys.Of(RedisKind.Decision, id));
        Assert.Equal("gw-ä:session:0123456789abcdef000000000000000f", (string?)keys.Of(RedisKind.Session, id));
        Assert.Equal("gw-ä:flushed", (string?)keys.FlushMarker);
        Assert.Equal("gw-ä:receipts", (string?)keys.Receipts);
        Assert.Equal("gw-ä:tools", (string?)keys.Tools);
        Assert.Equal("gw-ä:tools:leases", (string?)keys.ToolLeases);
        Assert.Equal("gw-ä:tools:version", (string?)keys.ToolsVersion);
    }

    [Fact]
    public void PatternOf_PrefixWithWildcards_MatchesThemLiterally()
    {
        var keys = new RedisKeys(@"a*b?[c]\:");

        Assert.Equal(@"a\*b\?\[c\]\\:decision:*", keys.PatternOf(RedisKind.Decision));
        Assert.Equal(@"a\*b\?\[c\]\\:session:*", keys.PatternOf(RedisKind.Session));
    }
}
