namespace RouterGateway.Router.Decisions;

/// <summary>How a decision came about; the closed set of values of <c>x-router-outcome</c>.</summary>
public enum DecisionOutcome
{
    /// <summary>The embedding classifier was sure enough.</summary>
    Classified,

    /// <summary>The classifier was unsure or there is none, and the scorer (a Gemma 4 instruction model) was sure enough.</summary>
    Scored,

    /// <summary>A keyword or pattern of the route matched.</summary>
    Rule,

    /// <summary>The caller named the route, cluster or model.</summary>
    Pinned,

    /// <summary>The conversation keeps its route.</summary>
    Session,

    /// <summary>An equal prompt was decided before.</summary>
    Cache,

    /// <summary>Default route: no route was likely enough, or there was nothing to classify.</summary>
    DefaultLowConfidence,

    /// <summary>Default route: no answer within <c>router.deadline</c>.</summary>
    DefaultTimeout,

    /// <summary>Default route: the classifier or the scorer failed.</summary>
    DefaultError,

    /// <summary>Default route: too many prompts were waiting already.</summary>
    DefaultOverload,
}
