using System.Collections.Immutable;
using RouterGateway.Router.Classification;
using RouterGateway.Router.Prompts;
using RouterGateway.Router.Routes;

namespace RouterGateway.Router.Decisions;

/// <summary>A decision and all that led to it.</summary>
public sealed record Explanation
{
    /// <summary>The decision, as a request would have got it.</summary>
    public required Decision Decision { get; init; }

    /// <summary>How much of the conversation counts.</summary>
    public required TextScope Scope { get; init; }

    /// <summary>The newest ask of the person, without harness text: what rules are matched against. Empty when there is none.</summary>
    public required string Ask { get; init; }

    /// <summary>The text that was given to the classifier; empty when there was none.</summary>
    public required string Text { get; init; }

    /// <summary>What was done to the messages to get at the text, in order.</summary>
    public required ImmutableArray<TextChange> Changes { get; init; }

    /// <summary>The rule that decided; null when none matched.</summary>
    public RuleMatch? Rule { get; init; }

    /// <summary>True when the caller offered tools.</summary>
    public bool HasTools { get; init; }

    /// <summary>True when a message carries an image.</summary>
    public bool HasImages { get; init; }

    /// <summary>What the classifier read of the text and what it resembles; null when there is no classifier or no text.</summary>
    public TextInspection? Inspection { get; init; }

    /// <summary>Least probability that the likeliest route needed: its own, or that of the router.</summary>
    public required double MinConfidence { get; init; }

    /// <summary>Why, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>Distance of the likeliest route to the second; 0 when nothing was classified.</summary>
    public double Margin => Decision.Scores switch
    {
        [var first, var second, ..] => first.Probability - second.Probability,
        [var only] => only.Probability,
        _ => 0,
    };

    /// <summary>True when earlier messages were put before the newest ask.</summary>
    public bool HasContext => Decision.HasContext;
}
