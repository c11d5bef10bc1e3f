
namespace RouterGateway.Router.Tests;

public sealed class SpellingTests
{
    [Theory]
    [InlineData("exampels", "examples")]
    [InlineData("Cluster", "cluster")]
    [InlineData("fallback", "fallbacks")]
    [InlineData("weather", null)]
    public void Nearest_AWord_FindsWhatWasMeant(string written, string? meant) =>
        Assert.Equal(meant, Spelling.Nearest(written, ["examples", "cluster", "fallbacks", "id"]));

    [Fact]
    public void Hint_NothingNear_ListsAFew() =>
        Assert.Equal("; there is \"a\", \"b\"", Spelling.Hint("something", ["a", "b"]));
}
