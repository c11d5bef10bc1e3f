using System.Collections.Immutable;
using RouterGateway.Router.Tools;

namespace RouterGateway.Router.Routes;

/// <summary>An MCP server whose tools the gateway offers; exactly one of <see cref="Url"/> and <see cref="Command"/> is set.</summary>
public sealed record McpServerSettings
{
    /// <summary>Unique among the servers.</summary>
    public required string Id { get; init; }

    /// <summary>Address of a server that speaks streamable HTTP.</summary>
    public Uri? Url { get; init; }

    /// <summary>Headers sent to <see cref="Url"/>: texts, or names of secrets.</summary>
    public ImmutableSortedDictionary<string, ToolHeader> Headers { get; init; } = ImmutableSortedDictionary<string, ToolHeader>.Empty;

    /// <summary>Program that speaks MCP over its standard streams.</summary>
    public string? Command { get; init; }

    /// <summary>Its arguments.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Its environment variables besides the few that every program needs: value by name.</summary>
    public ImmutableSortedDictionary<string, ClusterCredentials> Environment { get; init; } = ImmutableSortedDictionary<string, ClusterCredentials>.Empty;

    /// <summary>Working folder of <see cref="Command"/>, absolute.</summary>
    public string? Folder { get; init; }

    /// <summary>How long connecting, listing and calling may each take. Default: <see cref="ToolSettings.Timeout"/>.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Which of its tools are offered, by their own names.</summary>
    public ToolFilter Filter { get; init; } = ToolFilter.All;
}
