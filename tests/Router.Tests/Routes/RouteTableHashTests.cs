using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Routes;

public sealed class RouteTableHashTests
{
    [Theory]
    [InlineData("Write a loop", "Write a recursion", true)]
    [InlineData("\"Code\"", "\"Programs\"", true)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"coding\"", true)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"minMargin\": 0.2", true)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"text\": \"window\"", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"minConfidence\": 0.9", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"counterExamples\": [\"x\"]", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"rules\": { \"keywords\": [\"x\"] }", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"rules\": { \"hasImages\": true }", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"rules\": { \"hasTools\": true }", true)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"rules\": { \"hasTools\": false }", false)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"fallbacks\": []", false)]
    [InlineData("\"fallbacks\": [\"general\"]", "\"model\": \"x\"", false)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"deadline\": \"1s\"", false)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"device\": \"cpu\"", false)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorer\": \"models/sample\"", true)]
    [InlineData("\"defaultRoute\": \"general\"", "\"defaultRoute\": \"general\", \"scorerDebias\": true", false)] // without a scorer
    [InlineData("http://a:8000/", "http://b:8000/", false)]
    [InlineData("[\"Write a loop\", \"Fix this bug\"]", "[\"Fix this bug\", \"Write a loop\"]", false)]
    public void OfRouting_AnEdit_ChangesItOnlyWhenDecisionsCanChange(string from, string to, bool changes)
    {
        using var folder = new RoutesFolder();
        var first = RouteTableLoader.Load(folder.RoutesFile).Table!;

        folder.Write(RoutesFolder.Minimal.Replace(from, to, StringComparison.Ordinal));
        var second = RouteTableLoader.Load(folder.RoutesFile).Table!;

        Assert.NotEqual(first.Version, second.Version);
        Assert.Equal(changes, first.RoutingHash != second.RoutingHash);
        Assert.Matches("^[0-9a-f]{16}$", second.RoutingHash);
        Assert.Matches("^[0-9a-f]{16}$", second.Version);
    }
}
