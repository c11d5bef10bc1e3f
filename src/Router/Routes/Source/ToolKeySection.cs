using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("What holds for callers with a certain key.")]
internal sealed record ToolKeySection
{
    [Required]
    [Description("Where the key is found.")]
    public CredentialsSection? Key { get; init; }

    [Range(0, 128)]
    [Description("How many registered tools every request with the key is given besides its own; 0: none, whatever it asks for.")]
    public int? Select { get; init; }

    [Description("Whether the gateway runs the tools that the model calls.")]
    public bool? Execute { get; init; }

    [Description("Names of the tools that may be offered; a * at the end stands for any ending. Default: all.")]
    public IReadOnlyList<string?>? Allow { get; init; }

    [Description("Names of the tools that are never offered; a * at the end stands for any ending.")]
    public IReadOnlyList<string?>? Deny { get; init; }
}
