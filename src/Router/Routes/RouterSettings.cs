namespace RouterGateway.Router.Routes;

/// <summary>How prompts are decided: the section <c>router</c> of the file.</summary>
public sealed record RouterSettings
{
    /// <summary>Absolute path of the folder of the embedding model; null = only rules, the scorer and the default route.</summary>
    public string? ClassifierFolder { get; init; }

    /// <summary>Absolute path of the folder of the instruction model that is asked when the classifier is unsure, or always when there
    /// is none; null = nobody is asked.</summary>
    public string? ScorerFolder { get; init; }

    /// <summary>Whether the scorer reads the routes in two orders and takes the mean.</summary>
    public bool ScorerDebias { get; init; }

    /// <summary><c>auto</c>, <c>cuda</c> or <c>cpu</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>How long a decision may take before the default route is used.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Least probability of a route, 0 to 1, unless the route has its own.</summary>
    public double MinConfidence { get; init; } = 0.5;

    /// <summary>Least distance to the second likeliest route, 0 to 1.</summary>
    public double MinMargin { get; init; } = 0.1;

    /// <summary>The route used when no other is sure enough.</summary>
    public required string DefaultRouteId { get; init; }

    /// <summary>Which part of a conversation is classified.</summary>
    public TextScope Text { get; init; } = TextScope.LastUser;
}
