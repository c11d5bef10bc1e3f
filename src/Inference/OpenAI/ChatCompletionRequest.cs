using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.OpenAI;

/// <summary>The fields of POST /v1/chat/completions that are served; <see langword="null"/> where the client says nothing.</summary>
internal sealed class ChatCompletionRequest
{
    public string? Model { get; init; }

    /// <summary>The messages, the tools that are offered, and whether to think.</summary>
    public required ChatPrompt Prompt { get; init; }

    /// <summary>What the answer must be; <see langword="null"/>: anything.</summary>
    public AnswerFormat? Format { get; init; }

    /// <summary>Whether an answer may have more than one call.</summary>
    public bool SeveralCalls { get; init; } = true;

    /// <summary>Answers to give, 1 to 8.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Most tokens to generate for each answer, 1 or more.</summary>
    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public double? FrequencyPenalty { get; init; }

    public double? PresencePenalty { get; init; }

    /// <summary>Up to four texts, none of them empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    public int? Seed { get; init; }

    /// <summary>How many of the likeliest tokens are told for each, 0 to 20; <see langword="null"/>: not even how likely that one was.</summary>
    public int? LikeliestTokens { get; init; }

    public bool Stream { get; init; }

    /// <summary>Whether a stream ends with a chunk that tells the usage.</summary>
    public bool IncludeUsage { get; init; }
}
