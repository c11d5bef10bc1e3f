namespace RouterGateway.Router.Classification;

/// <summary>Whether a text could be embedded.</summary>
public enum TextEmbeddingOutcome
{
    /// <summary>It was.</summary>
    Embedded,

    /// <summary>The table has no classifier.</summary>
    NoModel,

    /// <summary>The model failed, or is left alone because it failed several times.</summary>
    Error,

    /// <summary>Not in time.</summary>
    Late,

    /// <summary>Too many texts wait.</summary>
    Overload,
}
