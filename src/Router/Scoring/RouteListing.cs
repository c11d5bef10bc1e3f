using RouterGateway.Inference.Scoring;

namespace RouterGateway.Router.Scoring;

/// <summary>The routes of a table listed in one order, as a prefix that is computed already.</summary>
/// <param name="Prefix">All that stands before the text.</param>
/// <param name="LabelOfRoute">For each route of the table, in the order of the file, its label.</param>
internal sealed record RouteListing(LabelPrefix Prefix, int[] LabelOfRoute);
