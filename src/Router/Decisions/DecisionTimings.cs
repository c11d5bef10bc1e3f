namespace RouterGateway.Router.Decisions;

/// <summary>Where the time of a decision went, in milliseconds; a stage that did not run took 0.</summary>
/// <param name="SelectMs">Choosing and cleaning the text, and matching the rules.</param>
/// <param name="QueueMs">Waiting for the classifier, and for the scorer.</param>
/// <param name="TokeniseMs">Text to tokens (of the whole batch that the prompt was in).</param>
/// <param name="EmbedMs">Tokens to embedding (of the whole batch).</param>
/// <param name="HeadMs">Embedding to probabilities.</param>
/// <param name="TotalMs">From call to answer.</param>
/// <param name="ScoreMs">The scorer: text to tokens to probabilities.</param>
/// <param name="CacheMs">Looking for what was remembered, and waiting for the answer to an equal prompt.</param>
public readonly record struct DecisionTimings(
    double SelectMs, double QueueMs, double TokeniseMs, double EmbedMs, double HeadMs, double TotalMs, double ScoreMs = 0, double CacheMs = 0);
