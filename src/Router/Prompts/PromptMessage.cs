namespace RouterGateway.Router.Prompts;

/// <summary>One message of a prompt: its author and its text parts, joined by line feeds.</summary>
/// <param name="Role">Who wrote it.</param>
/// <param name="Text">The text; empty when the message has none. Lone surrogates and control characters are allowed.</param>
public readonly record struct PromptMessage(PromptRole Role, string Text);
