using RouterGateway.Inference.Answers;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Engine;

/// <summary>The tokens around a model's thoughts.</summary>
/// <param name="Opening">Begins them.</param>
/// <param name="Closing">Ends them.</param>
/// <param name="NeverWithin">All other control tokens, and those that end an answer.</param>
internal sealed record ThoughtMarks(int Opening, int Closing, int[] NeverWithin)
{
    /// <summary>Finds the marks of a model; null when it has none.</summary>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="endTokens">The tokens that end an answer.</param>
    /// <param name="logits">Number of tokens that the model can choose.</param>
    public static ThoughtMarks? Find(BpeTokenizer tokenizer, IReadOnlySet<int> endTokens, int logits)
    {
        var marks = AnswerMarks.Find(tokenizer);
        return marks is { ChannelStart: >= 0, ChannelEnd: >= 0 }
            ? new ThoughtMarks(
                marks.ChannelStart,
                marks.ChannelEnd,
                [.. Enumerable.Range(0, Math.Min(logits, tokenizer.VocabularySize)).Where(token => token != marks.ChannelEnd && (tokenizer.IsControl(token) || endTokens.Contains(token)))])
            : null;
    }
}
