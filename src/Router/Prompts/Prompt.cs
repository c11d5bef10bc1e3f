using System.Collections.Immutable;

namespace RouterGateway.Router.Prompts;

/// <summary>What was asked, free of any wire protocol.</summary>
public sealed record Prompt
{
    /// <summary>The conversation, oldest message first.</summary>
    public required ImmutableArray<PromptMessage> Messages { get; init; }

    /// <summary>True when the caller offered tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>True when a message carries an image.</summary>
    public bool HasImages { get; init; }

    /// <summary>A prompt of one user message.</summary>
    public static Prompt FromText(string text) => new() { Messages = [new PromptMessage(PromptRole.User, text)] };
}
