using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Answers;

/// <summary>What a part of an answer is.</summary>
internal enum AnswerPartKind
{
    /// <summary>What the model thinks before it answers.</summary>
    Reasoning,

    /// <summary>What it says.</summary>
    Content,

    /// <summary>A call begins; the text is the tool's name.</summary>
    CallStart,

    /// <summary>A piece of a call's arguments, as JSON.</summary>
    CallArguments,

    /// <summary>A call is complete: its pieces together are a JSON object.</summary>
    CallEnd,

    /// <summary>What began like a call was none: its pieces are no JSON and to be forgotten, and all of it follows as content.</summary>
    CallBroken,
}

/// <summary>A part of an answer, as soon as it is known.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Whole characters; empty where the kind says it all.</param>
internal readonly record struct AnswerPart(AnswerPartKind Kind, string Text)
{
    /// <summary>The call that it belongs to, from 0.</summary>
    public int Call { get; init; }

    /// <summary>What results of the call refer to; at its start only.</summary>
    public string? CallId { get; init; }

    /// <summary>The tokens of content; <see langword="null"/> unless they are asked for.</summary>
    public IReadOnlyList<GeneratedToken>? Tokens { get; init; }
}
