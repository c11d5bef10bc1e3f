namespace RouterGateway.Inference.OpenAI;

/// <summary>The tokens of a request and its answers.</summary>
/// <param name="PromptTokens">Those of the prompt.</param>
/// <param name="CachedTokens">Those of them that a KV cache held already.</param>
/// <param name="CompletionTokens">Those of all answers.</param>
/// <param name="ReasoningTokens">Those of them that made up thoughts.</param>
internal readonly record struct TokenUsage(int PromptTokens, int CachedTokens, int CompletionTokens, int ReasoningTokens);
