namespace RouterGateway.Router.Classification;

/// <summary>What came of embedding a text.</summary>
/// <param name="Outcome">Whether there is a vector, or why not.</param>
/// <param name="Vector">Of length 1; empty without one.</param>
/// <param name="ModelHash">The model that it is of; null without one.</param>
public readonly record struct TextEmbedding(TextEmbeddingOutcome Outcome, ReadOnlyMemory<float> Vector = default, string? ModelHash = null);
