namespace RouterGateway.Inference.Prompts;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">"system", "user", "assistant" or "tool".</param>
/// <param name="Content">Its text; may be empty.</param>
internal readonly record struct ChatMessage(string Role, string Content);
