using RouterGateway.Router.Decisions;

namespace RouterGateway.Router.Classification;

/// <summary>What the queue came back with.</summary>
/// <param name="Outcome"><see cref="DecisionOutcome.Classified"/>, or why the default route is to be taken.</param>
/// <param name="Classification">Set when <paramref name="Outcome"/> is <see cref="DecisionOutcome.Classified"/>.</param>
/// <param name="QueueMs">Time between asking and the start of the batch.</param>
internal readonly record struct ClassificationAnswer(DecisionOutcome Outcome, Classification Classification, double QueueMs);
