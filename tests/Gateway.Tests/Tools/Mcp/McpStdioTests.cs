using System.Diagnostics;
using System.Globalization;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools.Mcp;
using RouterGateway.Router.Tests.Redis;

namespace RouterGateway.Gateway.Tests.Tools.Mcp;

/// <summary>Servers that are child processes: a real one from npm, and shell scripts that behave badly.</summary>
public sealed class McpStdioTests
{
    private readonly string _mark = "mark-" + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Everything_RealServer_Works()
    {
        await using var gateway = await McpGateway.StartAsync(await EverythingAsync());
        await gateway.StateAsync("e", McpServerState.Ready);

        Assert.Contains("e__echo", gateway.Names);
        Assert.Equal("Echo: hello", (await gateway.CallAsync("e", "echo", """{"message":"hello"}""")).Text);
        Assert.Contains("3", (await gateway.CallAsync("e", "get-sum", """{"a":1,"b":2}""")).Text, StringComparison.Ordinal);
        var image = await gateway.CallAsync("e", "get-tiny-image");
        Assert.Contains(image.Blocks!, static block => block is ImageContentBlock);
        Assert.NotEmpty(image.Text);
        Assert.Null((await gateway.CallAsync("e", "echo", """{"message":"text alone"}""")).Blocks);
        var unknown = await gateway.CallAsync("e", "no-such-tool");
        Assert.Equal((true, false), (unknown.IsError, unknown.IsToolFault));
    }

    [Fact]
    public async Task Environment_OfTheChild_HoldsNoSecretOfTheGateway()
    {
        Environment.SetEnvironmentVariable("MCP_TESTS_OF_THE_GATEWAY", "secret of the gateway");
        Environment.SetEnvironmentVariable("MCP_TESTS_OF_THE_SERVER", "secret of the server");
        await using var gateway = await McpGateway.StartAsync(await EverythingAsync(""", "env": { "API_KEY": { "env": "MCP_TESTS_OF_THE_SERVER" } } """));
        await gateway.StateAsync("e", McpServerState.Ready);

        var environment = (await gateway.CallAsync("e", "get-env")).Text;

        Assert.DoesNotContain("secret of the gateway", environment, StringComparison.Ordinal);
        Assert.Contains("\"API_KEY\": \"secret of the server\"", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("MCP_TESTS", environment, StringComparison.Ordinal);
        Assert.Contains("\"PATH\"", environment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Environment_MissingSecret_IsToldAndTriedAgain()
    {
        Environment.SetEnvironmentVariable("MCP_TESTS_LATE", null);
        await using var gateway = await McpGateway.StartAsync(await EverythingAsync(""", "env": { "API_KEY": { "env": "MCP_TESTS_LATE" } } """));
        await gateway.StateAsync("e", McpServerState.Lost);
        Assert.Equal("its environment variable API_KEY has no value: MCP_TESTS_LATE is missing or empty", gateway.Status("e").LastError);

        Environment.SetEnvironmentVariable("MCP_TESTS_LATE", "there");

        await gateway.StateAsync("e", McpServerState.Ready);
    }

    [Fact]
    public async Task Child_Killed_ComesBack()
    {
        RequireProc();
        await using var gateway = await McpGateway.StartAsync(await EverythingAsync());
        await gateway.StateAsync("e", McpServerState.Ready);
        var first = Marked().Single();

        Process.GetProcessById(first).Kill();

        await gateway.StateAsync("e", McpServerState.Lost);
        Assert.Empty(gateway.Names);
        await gateway.StateAsync("e", McpServerState.Ready);
        Assert.NotEqual(first, Marked().Single());
        Assert.Contains("code 137", gateway.Status("e").LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_GatewayStops_IsGone()
    {
        RequireProc();
        await using (var gateway = await McpGateway.StartAsync(await EverythingAsync()))
        {
            await gateway.StateAsync("e", McpServerState.Ready);
            Assert.Single(Marked());
        }

        Assert.Empty(Marked());
    }

    [Fact]
    public async Task Child_ThatDoesNotStop_IsKilledWithItsChildren()
    {
        RequireProc();
        await using (var gateway = await McpGateway.StartAsync(Shell("trap '' TERM; while :; do sleep 1; done")))
        {
            await Eventually.TrueAsync(() => Marked().Count > 0, "it runs");
        }

        Assert.Empty(Marked());
    }

    [Fact]
    public async Task Child_GatewayKilled_Ends()
    {
        RequireProc();
        var folder = Directory.CreateTempSubdirectory("gateway-mcp-");
        var file = Path.Combine(folder.FullName, "routes.json");
        await File.WriteAllTextAsync(file, GatewayHost.RoutesJson(GatewayHost.Cluster("main", "http://127.0.0.1:9"), tools: $$""" "mcpServers": { {{await EverythingAsync()}} } """));

        await GatewayProcess.RunAsync([], ["--routes", file, "--urls", "http://127.0.0.1:0"], async gateway =>
        {
            await Eventually.TrueAsync(() => Marked().Count > 0, "the child runs");
            gateway.Kill();
        });

        await Eventually.TrueAsync(() => Marked().Count == 0, "the child ends");
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("echo boom >&2; exit 3", "its process ended with code 3; its last line: boom")]
    [InlineData("yes aaaaaaaaaaaaaaaa | tr -d '\\\\n'", "a message of more than")]
    [InlineData("while :; do echo garbage; sleep 0.01; done", "did not answer within 2 s")]
    [InlineData("exec sleep 60", "did not answer within 2 s")]
    [InlineData("exec 1>&-; exec sleep 60", "")]
    public async Task Child_Misbehaving_IsLostAlone(string script, string reason)
    {
        await using var other = await TestMcpServer.StartAsync("tool");
        await using var gateway = await McpGateway.StartAsync(Shell(script) + "," + other.Entry("other"));

        await gateway.NamesAsync("other__tool");
        await Eventually.TrueAsync(() => gateway.Status("sh").LastError is not null, "it is lost");

        Assert.Contains(reason, gateway.Status("sh").LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_Missing_IsTold()
    {
        await using var gateway = await McpGateway.StartAsync(""" "none": { "command": "/no/such/program" } """);

        await gateway.StateAsync("none", McpServerState.Lost);

        Assert.StartsWith("\"/no/such/program\" could not be started", gateway.Status("none").LastError, StringComparison.Ordinal);
    }

    private static void RequireProc()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("processes are looked for in /proc");
        }
    }

    private async Task<string> EverythingAsync(string more = "")
    {
        var node = await NodeClients.InstallAsync();
        var script = Path.Combine(NodeClients.Folder, "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");
        return $$""" "e": { "command": "{{node}}", "args": ["{{script}}", "stdio", "{{_mark}}"] {{more}} } """;
    }

    private string Shell(string script) => $$""" "sh": { "command": "sh", "args": ["-c", "{{script}}", "{{_mark}}"], "timeout": "2s" } """;

    /// <summary>Processes of this test.</summary>
    private List<int> Marked() =>
        [.. Directory.EnumerateDirectories("/proc").Select(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0 && IsMarked(id))];

    private bool IsMarked(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline").Contains(_mark, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // ended in this moment
        }
    }
}
