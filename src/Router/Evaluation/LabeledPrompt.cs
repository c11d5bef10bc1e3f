using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Evaluation;

/// <summary>A prompt whose right route is known.</summary>
/// <param name="Prompt">What was asked.</param>
/// <param name="RouteId">The route that it should take.</param>
/// <param name="Line">Where it stands in its file, from 1.</param>
public sealed record LabeledPrompt(Prompt Prompt, string RouteId, int Line);
