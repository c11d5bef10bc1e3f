using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("The value of a header: a text (value), or a secret (secret).")]
internal sealed record McpHeaderSection
{
    [MinLength(1)]
    [Description("The value itself; secrets do not belong here.")]
    public string? Value { get; init; }

    [MinLength(1)]
    [Description("Name of a secret in tools.secrets; its hosts must hold the server's.")]
    public string? Secret { get; init; }

    [Description("Put before the secret, such as \"Bearer \".")]
    public string? Prefix { get; init; }
}
