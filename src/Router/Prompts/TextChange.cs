namespace RouterGateway.Router.Prompts;

/// <summary>One thing that was done to the messages on the way to the text that is classified.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="What">To what: a tag, a kind of paste, or the scope.</param>
/// <param name="Characters">How many characters were left out, or added as context.</param>
public readonly record struct TextChange(TextChangeKind Kind, string What, int Characters);
