using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("Where a secret is found; exactly one of the two.")]
internal sealed record CredentialsSection
{
    [MinLength(1)]
    [Description("Name of an environment variable.")]
    public string? Env { get; init; }

    [MinLength(1)]
    [Description("File that holds nothing but the secret, relative to this file.")]
    public string? File { get; init; }
}
