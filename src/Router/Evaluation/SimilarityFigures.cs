namespace RouterGateway.Router.Evaluation;

/// <summary>What <c>decisions.similarity</c> would do at one value.</summary>
/// <param name="Similarity">The value.</param>
/// <param name="Prompts">Prompts that were asked about.</param>
/// <param name="Hits">Those for which an earlier one was similar enough.</param>
/// <param name="FalseHits">Those of them that belong to another route than that one.</param>
public sealed record SimilarityFigures(double Similarity, int Prompts, int Hits, int FalseHits);
