namespace RouterGateway.Router.Prompts;

/// <summary>What of a prompt is looked at.</summary>
/// <param name="Ask">The newest ask of the person, without harness text; rules are matched against it. Empty when there is none.</param>
/// <param name="Text">What is classified: the ask, and what the scope adds to it.</param>
/// <param name="IsCut">True when a middle part was left out already.</param>
/// <param name="HasContext">True when earlier messages stand before the ask.</param>
/// <param name="AskIndex">Which message the ask is; -1 when there is none.</param>
internal readonly record struct PromptText(string Ask, string Text, bool IsCut, bool HasContext, int AskIndex);
