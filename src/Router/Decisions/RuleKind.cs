namespace RouterGateway.Router.Decisions;

/// <summary>The kinds of rules that a route may have.</summary>
public enum RuleKind
{
    /// <summary>A word or phrase of <c>rules.keywords</c>.</summary>
    Keyword,

    /// <summary>A regular expression of <c>rules.regex</c>.</summary>
    Regex,

    /// <summary><c>rules.hasImages</c>.</summary>
    HasImages,

    /// <summary><c>rules.hasTools</c>.</summary>
    HasTools,
}
