using System.Collections.Frozen;
using System.Collections.Immutable;
using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes;

/// <summary>Which tools there are, who may use them, and within which limits they run.</summary>
public sealed record ToolSettings
{
    /// <summary>How many registered tools a request that asks for a selection is given. Default 8.</summary>
    public int SelectTop { get; init; } = 8;

    /// <summary>How long a registered tool stays without a heartbeat. Default 60 s.</summary>
    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Most tools that one key may have registered. Default 2,000.</summary>
    public int MaxToolsPerKey { get; init; } = 2_000;

    /// <summary>Most tools that all keys together may have registered. Default 20,000.</summary>
    public int MaxTools { get; init; } = 20_000;

    /// <summary>Most times that a model is asked for one request whose tools the gateway runs. Default 8.</summary>
    public int MaxRounds { get; init; } = 8;

    /// <summary>Longest time from such a request to the last tool that is run for it. Default 2 minutes.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one call of a tool may take. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of a tool's result; more are cut off. Default 256 KiB.</summary>
    public int MaxResultBytes { get; init; } = 256 * 1024;

    /// <summary>Where tools may lead.</summary>
    public ToolNetwork Network { get; init; } = new();

    /// <summary>Which tools may be offered at all.</summary>
    public ToolFilter Filter { get; init; } = ToolFilter.All;

    /// <summary>The secrets by name.</summary>
    public FrozenDictionary<string, ToolSecret> Secrets { get; init; } = FrozenDictionary<string, ToolSecret>.Empty;

    /// <summary>The tools that the file declares; for all callers.</summary>
    public ImmutableArray<ToolDefinition> Declared { get; init; } = [];

    /// <summary>The MCP servers.</summary>
    public ImmutableArray<McpServerSettings> McpServers { get; init; } = [];

    /// <summary>What holds for certain keys.</summary>
    public ImmutableArray<ToolCaller> Keys { get; init; } = [];
}
