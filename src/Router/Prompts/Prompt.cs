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

    /// <summary>Who asks: decisions and conversations of different tenants never meet. Empty when callers are not told apart.</summary>
    public string Tenant { get; init; } = "";

    /// <summary>The caller's own name of the conversation; null when it gave none.</summary>
    public string? SessionId { get; init; }

    /// <summary>The caller's own name of the person; null when it gave none.</summary>
    public string? User { get; init; }

    /// <summary>Hash of the tools that the caller offered, as they were sent; 0 when it offered none.</summary>
    public ulong ToolsHash { get; init; }

    /// <summary>A prompt of one user message.</summary>
    public static Prompt FromText(string text) => new() { Messages = [new PromptMessage(PromptRole.User, text)] };
}
