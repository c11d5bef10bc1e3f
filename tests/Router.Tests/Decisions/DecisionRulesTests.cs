using RouterGateway.Router.Decisions;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Decisions;

public sealed class DecisionRulesTests
{
    [Theory]
    [InlineData("Write SQL please", "coding")]
    [InlineData("sql", "coding")]
    [InlineData("(sql)", "coding")]
    [InlineData("mysqladmin", null)]
    [InlineData("sql_mode", null)]
    [InlineData("mysqladmin or sql", "coding")]
    [InlineData("pull request 12", "coding")]
    [InlineData("用代码实现", "coding")]
    [InlineData("ticket ABC-1234 is open", "coding")]
    [InlineData("ticket abc-1234 is open", null)]
    [InlineData("", null)]
    public void Match_AnAsk_FindsTheRoute(string ask, string? route)
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace(
            "\"fallbacks\": [\"general\"]", """ "rules": { "keywords": ["sql", "Pull Request", "代码"], "regex": ["\\b[A-Z]{3}-\\d+\\b"] } """, StringComparison.Ordinal));
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        Assert.Equal(route, DecisionRules.Match(table, Prompt.FromText(ask), ask)?.Route.Id);
    }

    [Fact]
    public void Match_PatternThatBacktracksForever_DoesNotMatchInTime()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace(
            "\"fallbacks\": [\"general\"]", """ "rules": { "regex": ["(?=x)^(x+x+)+y$"] } """, StringComparison.Ordinal));
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        var ask = new string('x', 5_000);
        Assert.Null(DecisionRules.Match(table, Prompt.FromText(ask), ask));
    }
}
