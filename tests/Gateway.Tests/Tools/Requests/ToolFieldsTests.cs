using System.Net;
using RouterGateway.Gateway.Tests.Support;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Requests;

/// <summary>Names that hold half of a surrogate pair, which .NET's reader throws at.</summary>
public sealed class ToolFieldsTests
{
    [Theory]
    [InlineData(""" "tool_selection": {"\ud800": 1} """, HttpStatusCode.BadRequest)]
    [InlineData(""" "tool_selection": {"top": 1, "\udc00top": 1} """, HttpStatusCode.BadRequest)]
    [InlineData(""" "tool_execution": {"\ud800": 1} """, HttpStatusCode.BadRequest)]
    [InlineData(""" "tool_selection": "\ud800" """, HttpStatusCode.BadRequest)]
    [InlineData(""" "tool_execution": "\ud800" """, HttpStatusCode.BadRequest)]
    [InlineData(""" "tool_selection": "auto", "tool_choice": {"\ud800": 1} """, HttpStatusCode.OK)]
    [InlineData(""" "tool_selection": "auto", "tool_choice": {"function": {"\ud800": 1}} """, HttpStatusCode.OK)]
    [InlineData(""" "tool_selection": "auto", "tool_choice": "\ud800" """, HttpStatusCode.OK)]
    [InlineData(""" "tool_selection": "auto", "tools": [{"\ud800": 1}, {"function": {"\ud800": "x"}}, {"function": {"name": "\ud800"}}, 5] """, HttpStatusCode.OK)]
    public async Task Chat_HalfASurrogatePair_IsRefusedOrTheBackendsBusiness(string fields, HttpStatusCode expected)
    {
        await using var model = await FakeDestination.StartAnsweringAsync();
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", model.Address));
        await host.RegisterAsync(Client("weather"));

        using var answer = await host.PostAsync($$"""{"messages":[{"role":"user","content":"weather"}], {{fields}} }""");

        Assert.Equal(expected, answer.StatusCode);
    }
}
