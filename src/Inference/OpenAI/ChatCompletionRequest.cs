using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>The fields of POST /v1/chat/completions that are served; <see langword="null"/> where the client says nothing.</summary>
internal sealed class ChatCompletionRequest
{
    public string? Model { get; init; }

    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>Most tokens to generate, 1 or more.</summary>
    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    /// <summary>Up to four texts, none of them empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    public int? Seed { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether a stream ends with a chunk that tells the usage.</summary>
    public bool IncludeUsage { get; init; }
}
