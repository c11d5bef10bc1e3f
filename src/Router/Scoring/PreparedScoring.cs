using RouterGateway.Inference.Scoring;

namespace RouterGateway.Router.Scoring;

/// <summary>What a route table needs to be scored for.</summary>
/// <param name="Scorer">The model.</param>
/// <param name="Listings">The routes in one order, or in two whose mean is taken.</param>
/// <param name="LabelTokens">By label.</param>
/// <param name="Closing">All that stands after the text.</param>
/// <param name="MostTextTokens">Of a longer text head and tail are read.</param>
internal sealed record PreparedScoring(LabelScorer Scorer, RouteListing[] Listings, int[] LabelTokens, int[] Closing, int MostTextTokens);
