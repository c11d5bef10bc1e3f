using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tests.Redis;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

public sealed class McpServersTests
{
    [Fact]
    public async Task Start_Server_OffersItsTools()
    {
        await using var server = await TestMcpServer.StartAsync("add", "get.weather");
        await using var gateway = await McpGateway.StartAsync(server.Entry("calc"));

        await gateway.NamesAsync("calc__add", "calc__get_weather");

        var tool = gateway.Registry.Current.For("anybody").Find("calc__get_weather")!;
        Assert.Equal((new McpTarget("calc", "get.weather"), "Does get.weather", ToolVisibility.Shared), (tool.Definition.Target, tool.Definition.Description, tool.Definition.Visibility));
        Assert.Equal((ToolSource.McpServer, "mcp:calc"), (tool.Source, tool.Owner));
        var status = gateway.Status("calc");
        Assert.Equal((McpServerState.Ready, 2, null), (status.State, status.Tools, status.LastError));
        Assert.Equal("get.weather called", (await gateway.CallAsync("calc", "get.weather")).Text);
    }

    [Fact]
    public async Task Start_ManyPages_AllAreListed()
    {
        await using var server = await TestMcpServer.StartAsync([.. Enumerable.Range(0, 25).Select(static i => $"tool{i:00}")]);
        server.PageSize = 4;
        await using var gateway = await McpGateway.StartAsync(server.Entry("pages"));

        await gateway.NamesAsync([.. Enumerable.Range(0, 25).Select(static i => $"pages__tool{i:00}")]);
    }

    [Fact]
    public async Task Start_Filter_AppliesToOwnNames()
    {
        await using var server = await TestMcpServer.StartAsync("read.file", "read.secret", "write.file");
        await using var gateway = await McpGateway.StartAsync(server.Entry("files", """, "allow": ["read.*"], "deny": ["read.secret"] """));

        await gateway.NamesAsync("files__read_file");
    }

    [Fact]
    public async Task ListChanged_Tools_FollowIt()
    {
        await using var server = await TestMcpServer.StartAsync("one");
        await using var gateway = await McpGateway.StartAsync(server.Entry("s"));
        await gateway.NamesAsync("s__one");

        server.Add("two", "2");
        server.Tools.TryRemove("one", out _);
        await server.TellChangedAsync();

        await gateway.NamesAsync("s__two");
        Assert.Equal(1, server.Sessions);
    }

    [Fact]
    public async Task Death_Server_TakesItsToolsAwayAndBringsThemBack()
    {
        await using var server = await TestMcpServer.StartAsync("one");
        await using var other = await TestMcpServer.StartAsync("two");
        await using var gateway = await McpGateway.StartAsync(server.Entry("s") + "," + other.Entry("t"));
        await gateway.NamesAsync("s__one", "t__two");

        await server.KillAsync();

        await gateway.NamesAsync("t__two");
        await gateway.StateAsync("s", McpServerState.Lost);
        await Eventually.TrueAsync(() => gateway.Status("s").LastError is not null, "it says why");
        var result = await gateway.CallAsync("s", "one");
        Assert.Equal((true, true), (result.IsError, result.IsToolFault));
        Assert.Contains("not connected", result.Text, StringComparison.Ordinal);

        await server.StartAsync();

        await gateway.NamesAsync("s__one", "t__two");
        Assert.Equal("one called", (await gateway.CallAsync("s", "one")).Text);
        Assert.Equal(1, other.Sessions);
    }

    [Fact]
    public async Task Start_HangingList_DelaysNobody()
    {
        var gate = new TaskCompletionSource();
        await using var slow = await TestMcpServer.StartAsync("slow");
        slow.ListGate = gate.Task;
        await using var quick = await TestMcpServer.StartAsync("quick");
        await using var gateway = await McpGateway.StartAsync(slow.Entry("slow").Replace("5s", "1s", StringComparison.Ordinal) + "," + quick.Entry("quick"));

        await gateway.NamesAsync("quick__quick");
        await gateway.StateAsync("slow", McpServerState.Lost);
        Assert.Contains("did not answer within 1 s", gateway.Status("slow").LastError, StringComparison.Ordinal);

        gate.SetResult();
        await gateway.NamesAsync("quick__quick", "slow__slow");
    }

    [Fact]
    public async Task Reload_Servers_AreAddedRemovedAndChanged()
    {
        await using var stays = await TestMcpServer.StartAsync("a");
        await using var goes = await TestMcpServer.StartAsync("b");
        await using var changes = await TestMcpServer.StartAsync("c", "d");
        await using var comes = await TestMcpServer.StartAsync("e");
        await using var gateway = await McpGateway.StartAsync(string.Join(',', stays.Entry("stays"), goes.Entry("goes"), changes.Entry("changes")));
        await gateway.NamesAsync("changes__c", "changes__d", "goes__b", "stays__a");

        await gateway.ReloadAsync(string.Join(',', stays.Entry("stays"), changes.Entry("changes", """, "deny": ["c"] """), comes.Entry("comes")));

        await gateway.NamesAsync("changes__d", "comes__e", "stays__a");
        Assert.Equal(["changes", "comes", "stays"], gateway.Servers.Statuses.Select(static status => status.Id));
        Assert.Equal((1, 2), (stays.Sessions, changes.Sessions));
        Assert.Contains("There is no MCP server", (await gateway.CallAsync("goes", "b")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_Secret_GoesToItsHostsOnly()
    {
        Environment.SetEnvironmentVariable("MCP_TESTS_TOKEN", "s3cret");
        await using var friend = await TestMcpServer.StartAsync("a");
        await using var stranger = await TestMcpServer.StartAsync("b");
        const string Header = """, "headers": { "Authorization": { "secret": "SECRET", "prefix": "Bearer " } } """;

        await using var gateway = await McpGateway.StartAsync(
            friend.Entry("friend", Header.Replace("SECRET", "mine", StringComparison.Ordinal)) + "," + stranger.Entry("stranger", Header.Replace("SECRET", "theirs", StringComparison.Ordinal)),
            """ "secrets": { "mine": { "env": "MCP_TESTS_TOKEN", "hosts": ["127.0.0.1"] }, "theirs": { "env": "MCP_TESTS_TOKEN", "hosts": ["example.com"] } }, """);

        await gateway.NamesAsync("friend__a");
        await gateway.StateAsync("stranger", McpServerState.Lost);
        Assert.All(friend.Authorizations, static header => Assert.Equal("Bearer s3cret", header));
        Assert.Empty(stranger.Authorizations);
        Assert.Contains("may not be sent to 127.0.0.1", gateway.Status("stranger").LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_Servers_AreUpOrNot()
    {
        await using var server = await TestMcpServer.StartAsync("a");
        await using var gateway = await McpGateway.StartAsync(server.Entry("metrics-up") + """, "metrics-down": { "url": "http://127.0.0.1:9/mcp", "timeout": "1s" } """);
        await gateway.NamesAsync("metrics-up__a");

        using var client = new HttpClient();
        var metrics = await client.GetStringAsync(new Uri(gateway.Address + "/metrics"));

        Assert.Contains("gateway_mcp_servers_up{server=\"metrics-up\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("gateway_mcp_servers_up{server=\"metrics-down\"} 0", metrics, StringComparison.Ordinal);
    }
}
