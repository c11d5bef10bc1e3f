using System.Text.Json;
using RouterGateway.Gateway.Tools;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools;

public sealed class RegisteredToolTests
{
    [Theory]
    [InlineData(ToolSource.Caller, "github__delete_repo", false)]
    [InlineData(ToolSource.Caller, "harmless", false)]
    [InlineData(ToolSource.Caller, "github__list*", true)]
    [InlineData(ToolSource.File, "github__delete_repo", true)] // the operator's own choice
    internal void Passes_ToolOnTopOfAServersTool_OpensNothingThatIsDenied(ToolSource source, string denied, bool passes)
    {
        var definition = ToolDefinitionReader.Read(JsonElement.Parse("""{"name":"harmless","type":"mcp","mcp":{"server":"github","tool":"delete_repo"}}""")).Definition!;

        var tool = new RegisteredTool(definition, "owner", source);

        Assert.Equal(passes, tool.Passes(new ToolFilter([], [denied])));
    }
}
