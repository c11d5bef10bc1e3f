using RouterGateway.Router.Prompts;

namespace RouterGateway.Router.Decisions;

/// <summary>What a decision looked at, for its receipt.</summary>
/// <param name="Ask">The newest ask of the person: what rules are matched against.</param>
/// <param name="Text">What was classified: the ask, and what was put before it.</param>
public sealed record DecidedText(string Ask, string Text)
{
    // Ten thousand receipts of the longest texts would be a gigabyte; the classifier reads no more than this of a text either.
    private const int Longest = 8_192;

    /// <summary>Keeps head and tail of long texts.</summary>
    public static DecidedText Of(string ask, string text)
    {
        var kept = HeadAndTail.Cut(text, Longest);
        return new DecidedText(ask == text ? kept : HeadAndTail.Cut(ask, Longest), kept);
    }
}
