using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("A class of requests and the cluster that is good at it.")]
internal sealed record RouteSection
{
    [Required]
    [RegularExpression(Names.Pattern)]
    [Description("Unique id; not auto, not router.")]
    public string? Id { get; init; }

    [Required]
    [Description("What belongs here, in a sentence; counts as an example.")]
    public string? Description { get; init; }

    [Required]
    [Description("Id of the cluster that answers.")]
    public string? Cluster { get; init; }

    [MinLength(1)]
    [Description("Model name sent to the backend instead of the cluster's.")]
    public string? Model { get; init; }

    [Description("Requests that belong here: 15 to 30 different ones do well.")]
    public IReadOnlyList<string?>? Examples { get; init; }

    [Description("Text file with more examples, one a line, # starts a comment; relative to this file.")]
    public string? ExamplesFile { get; init; }

    [Description("Requests that look as if they belonged here and do not.")]
    public IReadOnlyList<string?>? CounterExamples { get; init; }

    [Description("What sends a request here without classification.")]
    public RulesSection? Rules { get; init; }

    [Description("Ids of the routes whose clusters are tried, in this order, when this one fails before its first token.")]
    public IReadOnlyList<string?>? Fallbacks { get; init; }

    [Range(1, 32)]
    [Description("Least bits of the KV caches that serve this route, its fallbacks included; a warning tells of those with fewer.")]
    public int? MinKvBits { get; init; }

    [Range(0.0, 1.0)]
    [Description("Least probability of this route, instead of the router's.")]
    public double? MinConfidence { get; init; }

    [Description("How the route's requests use registered tools.")]
    public RouteToolsSection? Tools { get; init; }
}
