using System.ComponentModel;

namespace RouterGateway.Router.Routes.Source;

[Description("Where the tools that callers register may lead.")]
internal sealed record ToolNetworkSection
{
    [Description("Schemes: https, http. Default: https only.")]
    public IReadOnlyList<string?>? Schemes { get; init; }

    [Description("Ports. Default: 443 only.")]
    public IReadOnlyList<int>? Ports { get; init; }

    [Description("Host names, addresses and networks (10.1.2.0/24) that are allowed though they are loopback, private or link-local, with any scheme and port.")]
    public IReadOnlyList<string?>? Allow { get; init; }
}
