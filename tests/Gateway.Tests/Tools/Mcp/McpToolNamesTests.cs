using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

public sealed class McpToolNamesTests
{
    [Theory]
    [InlineData("add", "calc__add")]
    [InlineData("get.weather/now", "calc__get_weather_now")]
    [InlineData("größe", "calc__gr__e")]
    [InlineData("read-file_2", "calc__read-file_2")]
    public void Of_OneTool_FitsItsName(string own, string expected)
    {
        var names = McpToolNames.Of("calc", [own]);

        Assert.Equal(expected, names[own]);
    }

    [Fact]
    public void Of_LongNames_EndInAHash()
    {
        var one = new string('a', 100) + "1";
        var two = new string('a', 100) + "2";

        var names = McpToolNames.Of("calc", [one, two]);

        Assert.All(names.Values, static name => Assert.Equal(ToolDefinition.LongestName, name.Length));
        Assert.All(names.Values, static name => Assert.True(ToolDefinition.IsName(name)));
        Assert.NotEqual(names[one], names[two]);
        Assert.StartsWith("calc__aaa", names[one], StringComparison.Ordinal);
        Assert.Equal(names[one], McpToolNames.Of("calc", [one])[one]);
    }

    [Fact]
    public void Of_Collisions_GetAHashWhateverTheOrder()
    {
        var names = McpToolNames.Of("s", ["a.b", "a_b", "a/b"]);
        var other = McpToolNames.Of("s", ["a/b", "a.b", "a_b"]);

        Assert.Equal("s__a_b", names["a_b"]);
        Assert.Matches("^s__a_b_[0-9a-f]{8}$", names["a.b"]);
        Assert.Equal(3, names.Values.Distinct().Count());
        Assert.Equal(names.OrderBy(static name => name.Key), other.OrderBy(static name => name.Key));
    }
}
