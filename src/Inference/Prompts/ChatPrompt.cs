namespace RouterGateway.Inference.Prompts;

/// <summary>All that a chat template makes a prompt of.</summary>
/// <param name="Messages">The conversation.</param>
internal sealed record ChatPrompt(IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>The tools that are offered.</summary>
    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Whether the model is to think before it answers; <see langword="null"/>: as its template has it.</summary>
    public bool? EnableThinking { get; init; }
}
