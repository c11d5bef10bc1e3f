namespace RouterGateway.Inference.Prompts;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">"system", "user", "assistant" or "tool".</param>
/// <param name="Content">Its text; may be empty.</param>
internal sealed record ChatMessage(string Role, string Content)
{
    /// <summary>What the assistant thought before it answered; empty when nothing is known of it.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>The tools that the assistant called, in order.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>The tool whose result this is; <see langword="null"/> in messages that are none.</summary>
    public string? ToolName { get; init; }

    /// <summary>The call whose result this is; <see langword="null"/> when the client does not say.</summary>
    public string? ToolCallId { get; init; }
}
