using RouterGateway.Router.Decisions;
using RouterGateway.Router.Evaluation;
using RouterGateway.Router.Routes;

namespace RouterGateway.Gateway.Cli;

/// <summary>All that was measured.</summary>
/// <param name="Text">What was classified of conversations.</param>
/// <param name="Router">The router.</param>
/// <param name="Baselines">What it was compared with.</param>
/// <param name="Similarities">What <c>decisions.similarity</c> would do; empty unless asked for.</param>
/// <param name="ByTurn">Whether conversations were asked turn by turn.</param>
/// <param name="Worst">The prompts that the router got most wrong, each with its explanation.</param>
internal sealed record EvalResult(
    TextScope Text, EvaluatedClassifier Router, IReadOnlyList<EvaluatedClassifier> Baselines, IReadOnlyList<SimilarityFigures> Similarities, bool ByTurn, IReadOnlyList<(EvaluatedPrompt Prompt, Explanation Explanation)> Worst);
