using RouterGateway.Router.Decisions;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Tests.Decisions;

public sealed class DecisionPolicyTests
{
    // routes in the file: coding, general (default); minConfidence 0.5, minMargin 0.1
    [Theory]
    [InlineData(0.9, 0.1, "coding", DecisionOutcome.Classified)]
    [InlineData(0.56, 0.44, "coding", DecisionOutcome.Classified)]
    [InlineData(0.54, 0.46, "general", DecisionOutcome.DefaultLowConfidence)]
    [InlineData(0.45, 0.2, "general", DecisionOutcome.DefaultLowConfidence)]
    [InlineData(0.2, 0.8, "general", DecisionOutcome.Classified)]
    public void Choose_Probabilities_TakesTheLikeliestOrTheDefault(double coding, double general, string route, DecisionOutcome outcome)
    {
        using var folder = new RoutesFolder();
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        var chosen = DecisionPolicy.Choose(table, [coding, general]);

        Assert.Equal((route, outcome), (chosen.Route.Id, chosen.Outcome));
        Assert.Equal(2, chosen.Scores.Length);
    }

    [Fact]
    public void Choose_RouteWithItsOwnThreshold_UsesIt()
    {
        using var folder = new RoutesFolder(RoutesFolder.Minimal.Replace("\"fallbacks\": [\"general\"]", "\"minConfidence\": 0.8", StringComparison.Ordinal));
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        Assert.Equal(DecisionOutcome.DefaultLowConfidence, DecisionPolicy.Choose(table, [0.79, 0.21]).Outcome);
        Assert.Equal(DecisionOutcome.Classified, DecisionPolicy.Choose(table, [0.81, 0.19]).Outcome);
    }

    [Theory]
    [InlineData(true, 0.4, 0.6)]
    [InlineData(false)]
    [InlineData(false, 1.0, 0.0, 0.0)]
    [InlineData(false, double.NaN, 0.5)]
    [InlineData(false, double.PositiveInfinity, 0.0)]
    [InlineData(false, -0.1, 1.1)]
    public void AreProbabilities_OneForEachOfTwoRoutes_OnlyThen(bool expected, params double[] probabilities)
    {
        using var folder = new RoutesFolder();
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;

        Assert.Equal(expected, DecisionPolicy.AreProbabilities(table, probabilities));
    }
}
