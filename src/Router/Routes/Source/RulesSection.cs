using System.ComponentModel;

namespace RouterGateway.Router.Routes.Source;

[Description("What sends a request to a route without classification; the first route that matches wins.")]
internal sealed record RulesSection
{
    [Description("Words or phrases, matched whole and in any casing.")]
    public IReadOnlyList<string?>? Keywords { get; init; }

    [Description(".NET regular expressions.")]
    public IReadOnlyList<string?>? Regex { get; init; }

    [Description("true: every request with an image in one of its messages; false is the same as absent.")]
    public bool? HasImages { get; init; }

    [Description("true: every request that offers tools; false is the same as absent.")]
    public bool? HasTools { get; init; }
}
