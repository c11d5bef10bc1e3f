using RouterGateway.Router.Evaluation;

namespace RouterGateway.Gateway.Cli;

/// <summary>The router or a baseline, and its figures.</summary>
/// <param name="Name"><c>router</c>, or the name of the baseline.</param>
/// <param name="Trained">What it was trained on, in words.</param>
/// <param name="Report">The figures on the prompts as they are.</param>
/// <param name="Perturbed">The figures on the prompts as other people might write them.</param>
internal sealed record EvaluatedClassifier(string Name, string Trained, EvaluationReport Report, IReadOnlyList<PerturbedReport> Perturbed);
