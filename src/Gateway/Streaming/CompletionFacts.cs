namespace RouterGateway.Gateway.Streaming;

/// <summary>What the relay learns from one answer, or one event of a streamed one, while its bytes pass by.</summary>
internal record struct CompletionFacts
{
    /// <summary>Text, reasoning, a refusal or a tool call for the client: from here on nothing may be retried.</summary>
    public bool HasContent { get; set; }

    /// <summary>A <c>finish_reason</c> was given, or the stream said <c>[DONE]</c>.</summary>
    public bool IsFinished { get; set; }

    /// <summary>The backend reports a failure in the body of a 200.</summary>
    public bool HasError { get; set; }

    /// <summary>Tokens as the backend counted them; -1: not told.</summary>
    public int PromptTokens { get; set; } = -1;

    /// <inheritdoc cref="PromptTokens"/>
    public int CompletionTokens { get; set; } = -1;

    public CompletionFacts()
    {
    }
}
