using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace RouterGateway.Router.Routes.Source;

[Description("Tools that models may use: which there are, who may use them, and within which limits they run.")]
internal sealed record ToolsSection
{
    [Range(1, 128)]
    [DefaultValue(8)]
    [Description("How many registered tools a request that asks for a selection is given.")]
    public int? SelectTop { get; init; }

    [DefaultValue("60s")]
    [Description("How long a tool that was registered over HTTP stays without a heartbeat.")]
    public TimeSpan? LeaseTtl { get; init; }

    [Range(1, 100_000)]
    [DefaultValue(2_000)]
    [Description("Most tools that one key may have registered.")]
    public int? MaxToolsPerKey { get; init; }

    [Range(1, 1_000_000)]
    [DefaultValue(20_000)]
    [Description("Most tools that all keys together may have registered.")]
    public int? MaxTools { get; init; }

    [Range(1, 64)]
    [DefaultValue(8)]
    [Description("Most times that a model is asked for one request whose tools the gateway runs.")]
    public int? MaxRounds { get; init; }

    [DefaultValue("2m")]
    [Description("Longest time from such a request to the end of the last tool that is run for it.")]
    public TimeSpan? Deadline { get; init; }

    [DefaultValue("30s")]
    [Description("How long one call of a tool may take.")]
    public TimeSpan? Timeout { get; init; }

    [Range(1_024, 16_777_216)]
    [DefaultValue(262_144)]
    [Description("Most bytes of a tool's result; what is more is cut off.")]
    public int? MaxResultBytes { get; init; }

    [Description("Where the tools that callers register may lead.")]
    public ToolNetworkSection? Network { get; init; }

    [Description("Names of the tools that may be offered; a * at the end stands for any ending. Default: all.")]
    public IReadOnlyList<string?>? Allow { get; init; }

    [Description("Names of the tools that are never offered; a * at the end stands for any ending.")]
    public IReadOnlyList<string?>? Deny { get; init; }

    [Description("Secrets that tools may be sent, by the name that definitions use for them.")]
    public IReadOnlyDictionary<string, ToolSecretSection?>? Secrets { get; init; }

    [Description("Tools for all callers, by name; written as POST /v1/tools takes them, without name, visibility and leaseTtl.")]
    public IReadOnlyDictionary<string, JsonElement>? Declared { get; init; }

    [Description("MCP servers whose tools are offered to all callers, by id; the tools are called <id>__<name>.")]
    public IReadOnlyDictionary<string, McpServerSection?>? McpServers { get; init; }

    [Description("What holds for callers with certain keys.")]
    public IReadOnlyList<ToolKeySection?>? Keys { get; init; }
}
