namespace RouterGateway.Router.Decisions;

/// <summary>What a decision looked at.</summary>
/// <param name="Ask">The newest ask of the person: what rules are matched against.</param>
/// <param name="Text">What was classified: the ask, and what was put before it.</param>
public sealed record DecidedText(string Ask, string Text);
