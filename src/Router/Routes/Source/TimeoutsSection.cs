using System.ComponentModel;

namespace RouterGateway.Router.Routes.Source;

[Description("The three clocks of a request to a cluster.")]
internal sealed record TimeoutsSection
{
    [DefaultValue("2s")]
    [Description("Until the connection stands.")]
    public TimeSpan? Connect { get; init; }

    [DefaultValue("60s")]
    [Description("From the request to the first content or tool delta.")]
    public TimeSpan? FirstToken { get; init; }

    [DefaultValue("30s")]
    [Description("Between two events of a stream.")]
    public TimeSpan? Idle { get; init; }
}
