using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>A prompt whose right route is known.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="RouteId">The route that it should take.</param>
/// <param name="Line">Where it stands in its file, from 1.</param>
public sealed record LabeledPrompt(Prompt Prompt, string RouteId, int Line)
{
    /// <summary>True when it belongs to no route: the right decision is to abstain, and <see cref="RouteId"/> is only its label.</summary>
    public bool IsOutOfScope { get; init; }

    /// <summary>What figures are grouped by, such as the source of the prompt; empty when they are not.</summary>
    public string Group { get; init; } = "";
}
