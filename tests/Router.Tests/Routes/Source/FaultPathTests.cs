using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Tests.Routes.Source;

public sealed class FaultPathTests
{
    [Theory]
    [InlineData("clusters", "coding", "clusters.coding")]
    [InlineData("", "routes", "routes")]
    [InlineData("clusters", "a.b", "clusters[\"a.b\"]")]
    [InlineData("clusters", "Big", "clusters[\"Big\"]")]
    [InlineData("clusters", "", "clusters[\"\"]")]
    [InlineData("clusters", "a\nb", "clusters[\"a\uFFFDb\"]")]
    public void Member_AKey_IsQuotedWhenItMust(string path, string key, string expected) => Assert.Equal(expected, FaultPath.Member(path, key));

    [Theory]
    [InlineData("routes[3].cluster", "routes[3]")]
    [InlineData("routes[3]", "routes")]
    [InlineData("clusters[\"a.b\"]", "clusters")]
    [InlineData("clusters[\"a.b\"].model", "clusters[\"a.b\"]")]
    [InlineData("routes", "")]
    [InlineData("", null)]
    public void Parent_APath_IsOneLevelUp(string path, string? expected) => Assert.Equal(expected, FaultPath.Parent(path));

    [Theory]
    [InlineData("Routes[3].MinConfidence", "routes[3].minConfidence")]
    [InlineData("clusters[\"A.B\"].Timeouts.FirstToken", "clusters[\"A.B\"].timeouts.firstToken")]
    public void FromProperty_APropertyPath_IsThatOfItsKey(string property, string expected) => Assert.Equal(expected, FaultPath.FromProperty(property));
}
