using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace RouterGateway.Router.Routes.Source;

/// <summary>The routes file as written. Attributes say what a key may hold: they are checked, and they are the JSON Schema.</summary>
[Description("Routes, clusters and router of a RouterGateway. Comments and trailing commas are allowed; unknown keys are not.")]
internal sealed record RoutesFile
{
    [Description("Address of this schema, for editors.")]
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    [Required]
    [Description("How requests are decided.")]
    public RouterSection? Router { get; init; }

    [Description("How long decisions and conversations are remembered, and where.")]
    public DecisionsSection? Decisions { get; init; }

    [Required]
    [RegularExpression(Names.Pattern)]
    [Description("Who answers: clusters by id (lower-case letters, digits, dot, dash, underscore).")]
    public IReadOnlyDictionary<string, ClusterSection?>? Clusters { get; init; }

    [Description("Tools that models may use.")]
    public ToolsSection? Tools { get; init; }

    [Required]
    [MinLength(1)]
    [Description("The classes of requests.")]
    public IReadOnlyList<RouteSection?>? Routes { get; init; }
}
