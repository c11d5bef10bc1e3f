namespace RouterGateway.Router.Classification;

/// <summary>What the classifier says about a text.</summary>
/// <param name="Probabilities">Calibrated, in the order of the table's routes.</param>
/// <param name="TextTokens">Tokens of the text, before it was cut to what the model takes; an estimate when <paramref name="Truncated"/>.</param>
/// <param name="Truncated">True when only head and tail were read.</param>
/// <param name="TokeniseMs">Of the whole batch.</param>
/// <param name="EmbedMs">Of the whole batch.</param>
/// <param name="HeadMs">Of the whole batch.</param>
/// <param name="Embedding">Of the text, of length 1; null unless the table (see <c>decisions.similarity</c>) or who asks wants it.</param>
internal readonly record struct Classification(
    double[] Probabilities, int TextTokens, bool Truncated, double TokeniseMs, double EmbedMs, double HeadMs, float[]? Embedding = null);
