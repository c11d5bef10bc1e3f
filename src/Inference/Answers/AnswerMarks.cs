using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Answers;

/// <summary>The control tokens that divide an answer; -1 for those that the vocabulary does not have.</summary>
internal readonly record struct AnswerMarks(int ChannelStart, int ChannelEnd, int CallStart, int CallEnd, int Quote, int ResponseStart, int TurnStart)
{
    /// <summary>Finds the marks of a vocabulary.</summary>
    public static AnswerMarks Find(BpeTokenizer tokenizer)
    {
        return new AnswerMarks(
            Id("<|channel>"), Id("<channel|>"), Id(ToolNotation.CallStart), Id(ToolNotation.CallEnd), Id(ToolNotation.Quote), Id(ToolNotation.ResponseStart), Id("<|turn>"));

        int Id(string mark) => tokenizer.TryGetId(mark, out var id) ? id : -1;
    }

    /// <summary>Whether a prompt ends inside of a thought, and whether right after the mark that opens it.</summary>
    public (bool IsInside, bool IsAtStart) FindThought(ReadOnlySpan<int> prompt)
    {
        for (var i = prompt.Length - 1; i >= 0 && prompt[i] != ChannelEnd && prompt[i] != TurnStart; i--)
        {
            if (prompt[i] == ChannelStart)
            {
                return (true, i == prompt.Length - 1);
            }
        }

        return (false, false);
    }
}
