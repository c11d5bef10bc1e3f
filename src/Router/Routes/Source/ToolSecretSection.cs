using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("A secret that tools may be sent: where it is found (env or file), and which hosts may see it.")]
internal sealed record ToolSecretSection
{
    [MinLength(1)]
    [Description("Name of an environment variable.")]
    public string? Env { get; init; }

    [MinLength(1)]
    [Description("File that holds nothing but the secret, relative to this file.")]
    public string? File { get; init; }

    [Required]
    [MinLength(1)]
    [Description("Host names that may be sent the secret; nobody else is, whoever registers a tool.")]
    public IReadOnlyList<string?>? Hosts { get; init; }
}
