using System.Collections.Immutable;

namespace RouterGateway.Router.Routes;

/// <summary>Where the tools that callers register may lead.</summary>
public sealed record ToolNetwork
{
    /// <summary>Allowed schemes. Default https only.</summary>
    public ImmutableArray<string> Schemes { get; init; } = ["https"];

    /// <summary>Allowed ports. Default 443.</summary>
    public ImmutableArray<int> Ports { get; init; } = [443];

    /// <summary>Host names, addresses and networks (CIDR) that are allowed though they are loopback, private or link-local, on any port and with
    /// any scheme. Default none.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];
}
