using System.Text.RegularExpressions;
using ModelContextProtocol.Protocol;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.Execution;

namespace RouterGateway.Gateway.Tests.Tools.Mcp.Server;

/// <summary>The protocol's own conformance suite (npm @modelcontextprotocol/conformance) against the gateway.</summary>
public sealed partial class ConformanceTests
{
    private const string Suite = "node_modules/@modelcontextprotocol/conformance/dist/index.js";
    private const string NotOffered = "the gateway offers tools alone";
    private const string AsksClient = "tools of the registry ask their callers nothing: they are HTTP endpoints, or tools of other servers";

    private const string Schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
          "$defs": { "address": { "type": "object", "properties": { "street": { "type": "string" }, "city": { "type": "string" } } } },
          "properties": { "name": { "type": "string" }, "address": { "$ref": "#/$defs/address" } },
          "additionalProperties": false
        }
        """;

    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(50); // what the scenario asks of the tool
    private static readonly byte[] _picture = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==");

    public static TheoryData<string> Applicable =>
    [
        "server-initialize", "logging-set-level", "ping", "tools-list", "tools-call-simple-text", "tools-call-image", "tools-call-audio", "tools-call-embedded-resource",
        "tools-call-mixed-content", "tools-call-error", "tools-call-with-progress", "json-schema-2020-12", "server-sse-multiple-streams", "dns-rebinding-protection",
    ];

    /// <summary>What is left out, and why.</summary>
    private static Dictionary<string, string> LeftOut { get; } = new()
    {
        ["completion-complete"] = NotOffered,
        ["resources-list"] = NotOffered,
        ["resources-read-text"] = NotOffered,
        ["resources-read-binary"] = NotOffered,
        ["resources-templates-read"] = NotOffered,
        ["resources-subscribe"] = NotOffered,
        ["resources-unsubscribe"] = NotOffered,
        ["prompts-list"] = NotOffered,
        ["prompts-get-simple"] = NotOffered,
        ["prompts-get-with-args"] = NotOffered,
        ["prompts-get-embedded-resource"] = NotOffered,
        ["prompts-get-with-image"] = NotOffered,
        ["tools-call-with-logging"] = "a tool of the registry has a result and progress, and no log",
        ["server-sse-polling"] = "streams are not resumed, so their events have no ids; the suite ends with warnings alone",
        ["tools-call-sampling"] = AsksClient,
        ["tools-call-elicitation"] = AsksClient,
        ["elicitation-sep1034-defaults"] = AsksClient,
        ["elicitation-sep1330-enums"] = AsksClient,
    };

    [Fact]
    public async Task Suite_Scenarios_AreRunOrLeftOutForAReason()
    {
        var (exitCode, output, errors) = await NodeClients.RunAsync(Suite, "list", "--server");

        Assert.True(exitCode == 0, errors);
        var scenarios = ScenarioLine().Matches(output).Select(static match => match.Groups[1].Value);
        Assert.Equal(scenarios.Order(StringComparer.Ordinal), Applicable.Select(static row => row.Data).Concat(LeftOut.Keys).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Applicable))]
    public async Task Suite_Scenario_Passes(string scenario)
    {
        await using var host = await ToolServerHost.StartAsync();
        AddTools(host);

        var (exitCode, output, errors) = await NodeClients.RunAsync(Suite, "server", "--url", host.Endpoint.ToString(), "--scenario", scenario);

        Assert.True(exitCode == 0, output + errors);
        Assert.Matches("Passed: ([1-9][0-9]*)/\\1, 0 failed", output);
        TestContext.Current.TestOutputHelper?.WriteLine(output);
    }

    private static void AddTools(ToolServerHost host)
    {
        var text = new TextContentBlock { Text = "Multiple content types test:" };
        var image = ImageContentBlock.FromBytes(_picture, "image/png");
        var resource = new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "test://embedded-resource", MimeType = "text/plain", Text = "This is an embedded resource content." } };
        Add(host, "test_simple_text", new ToolResult("This is a simple text response for testing."));
        Add(host, "test_image_content", Blocks(image));
        Add(host, "test_audio_content", Blocks(AudioContentBlock.FromBytes("RIFF$\0\0\0WAVE"u8.ToArray(), "audio/wav")));
        Add(host, "test_embedded_resource", Blocks(resource));
        Add(host, "test_multiple_content_types", Blocks(text, image, resource));
        Add(host, "test_error_handling", new ToolResult("This tool intentionally returns an error for testing", IsError: true));
        Add(host, "test_reconnection", new ToolResult("Reconnection test completed successfully"));
        host.Register("", ToolServerHost.Definition("json_schema_2020_12_tool", parameters: Schema));
        host.Register("", static async (_, progress, token) =>
        {
            foreach (var done in (int[])[0, 50, 100])
            {
                progress?.Report(new ToolProgress(done, 100, null));
                await Task.Delay(_step, token);
            }

            return new ToolResult("done");
        }, "test_tool_with_progress");
    }

    private static ToolResult Blocks(params ContentBlock[] blocks) => new("blocks") { Blocks = blocks };

    private static void Add(ToolServerHost host, string name, ToolResult result) => host.Register("", (_, _, _) => Task.FromResult(result), name);

    [GeneratedRegex(@"^\s+- ([a-z0-9-]+) \[", RegexOptions.Multiline)]
    private static partial Regex ScenarioLine();
}
