using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RouterGateway.Router.Routes.Source;

[Description("How requests are decided.")]
internal sealed record RouterSection
{
    [Description("Folder of an embedding model (Gemma 4 architecture), relative to this file; null: only rules, the scorer and the default route decide.")]
    public string? Classifier { get; init; }

    [Description("Folder of a Gemma 4 instruction model (model.onnx, or embed_tokens and decoder_model_merged), relative to this file: asked when the classifier is unsure, or always when there is no classifier. Null: nobody is asked.")]
    public string? Scorer { get; init; }

    [DefaultValue(false)]
    [Description("Whether the scorer reads the routes in two orders and takes the mean: half as fast, and no route gains by its place in the list.")]
    public bool? ScorerDebias { get; init; }

    [AllowedValues("auto", "cuda", "cpu")]
    [DefaultValue("auto")]
    [Description("Where classifier and scorer run; auto takes a GPU when there is one.")]
    public string? Device { get; init; }

    [DefaultValue("250ms")]
    [Description("A decision that takes longer is the default route, with the outcome default-timeout.")]
    public TimeSpan? Deadline { get; init; }

    [Range(0.0, 1.0)]
    [DefaultValue(0.5)]
    [Description("Least probability of a route; below it the default route is taken. A route may have its own.")]
    public double? MinConfidence { get; init; }

    [Range(0.0, 1.0)]
    [DefaultValue(0.1)]
    [Description("Least distance to the second likeliest route; below it the default route is taken.")]
    public double? MinMargin { get; init; }

    [Required]
    [Description("Id of the route that is taken when no other is sure enough.")]
    public string? DefaultRoute { get; init; }

    [AllowedValues("last-user", "last-two", "window")]
    [DefaultValue("last-user")]
    [Description("What is classified: the newest ask (a follow-up that is short, or unclear by itself, takes those before as context), the two newest, or the newest messages of person and model.")]
    public string? Text { get; init; }
}
