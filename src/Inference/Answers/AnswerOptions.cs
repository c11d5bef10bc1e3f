namespace RouterGateway.Inference.Answers;

/// <summary>How an answer is read.</summary>
internal sealed record AnswerOptions
{
    /// <summary>Texts that end the content before them.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether the answer goes on after its first call.</summary>
    public bool SeveralCalls { get; init; } = true;

    /// <summary>Whether parts of content come with their tokens.</summary>
    public bool WithTokens { get; init; }
}
