using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes;

public sealed class RouteTableWarningsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("\"id\": \"coding\",", "\"id\": \"coding\", \"minKvBits\": 16,")] // auto: not known
    [InlineData("\"models/sample\" }", "\"models/sample\", \"kvCache\": \"int4\" }")]
    [InlineData("\"clusters\"", "\"decisions\": { \"redis\": \"localhost\", \"keepText\": true }, \"clusters\"")]
    public void Warnings_NothingOdd_AreNone(string from, string to) => Assert.Empty(Warnings((from, to)));

    [Fact]
    public void Warnings_CoarseKvCaches_NameRouteAndCluster()
    {
        var warnings = Warnings(
            ("\"id\": \"coding\",", "\"id\": \"coding\", \"minKvBits\": 8,"),
            ("\"models/sample\" }", "\"models/sample\", \"kvCache\": \"int4\" }"),
            ("\"http://a:8000/\" }", "\"http://a:8000/\" }, \"kvCache\": \"q4_0\""));

        Assert.Equal(
            ["routes[0].minKvBits: cluster \"coding\" stores its KV cache in 4 bits, and the route wants 8", "routes[0].minKvBits: cluster \"chat\" stores its KV cache in 4 bits, and the route wants 8"],
            warnings);
    }

    [Fact]
    public void Warnings_SettingsWithoutEffectAndMissingSecrets_SaySo()
    {
        var warnings = Warnings(
            ("\"clusters\"", "\"decisions\": { \"redis\": \"localhost\", \"redisCredentials\": { \"env\": \"NO_SUCH_SECRET\" }, \"similarity\": 0.9, \"keepText\": true, \"receipts\": 0 }, \"clusters\""),
            ("\"http://a:8000/\" }", "\"http://a:8000/\" }, \"credentials\": { \"file\": \"no-such-file\" }"));

        Assert.Equal(4, warnings.Length);
        Assert.StartsWith("clusters.chat.credentials: the file /", warnings[0], StringComparison.Ordinal);
        Assert.EndsWith("no-such-file is missing, unreadable or empty; requests are sent without it", warnings[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "decisions.redisCredentials: the environment variable NO_SUCH_SECRET is not set; Redis is asked without a password",
                "decisions.similarity: has no effect without router.scorer, whose decisions it reuses",
                "decisions.keepText: has no effect while decisions.receipts is 0",
            ],
            warnings[1..]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("auto", null)]
    [InlineData("something", null)]
    [InlineData("none", 16)]
    [InlineData("bf16", 16)]
    [InlineData("int8", 8)]
    [InlineData("int8_per_token_head", 8)]
    [InlineData("int8-per-token-head", 8)]
    [InlineData("fp8_e4m3", 8)]
    [InlineData("q8_0", 8)]
    [InlineData("int4", 4)]
    [InlineData("q4_0", 4)]
    [InlineData("q5_1", 5)]
    [InlineData("turboquant_4bit_nc", 4)]
    [InlineData("turboquant_k8v4", 4)]
    [InlineData("turboquant_3bit_nc", 3)]
    [InlineData("turboquant_k3v4_nc", 3)]
    public void Of_NamesOfEngines_AreBits(string? kind, int? bits) => Assert.Equal(bits, KvCacheBits.Of(kind));

    private static string[] Warnings(params (string From, string To)[] edits)
    {
        var routes = edits.Aggregate(RoutesFolder.Minimal, static (text, edit) => edit.From.Length == 0 ? text : text.Replace(edit.From, edit.To, StringComparison.Ordinal));
        using var folder = new RoutesFolder(routes);
        var result = RouteTableLoader.Load(folder.RoutesFile);
        Assert.True(result.IsValid, string.Join('\n', result.Faults));
        return [.. result.Table.Warnings];
    }
}
