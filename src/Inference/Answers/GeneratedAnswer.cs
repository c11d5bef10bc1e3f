using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Answers;

/// <summary>The answer of a running generation.</summary>
internal sealed class GeneratedAnswer(GenerationRequest generation, AnswerReader reader)
{
    /// <summary>What generates it.</summary>
    public GenerationRequest Generation => generation;

    /// <summary>Why it ended, as OpenAI names it; meaningful after its last part.</summary>
    public string FinishReason => reader.CompletedCalls > 0 ? "tool_calls" : !reader.IsStopped && generation.FinishReason == Engine.FinishReason.Length ? "length" : "stop";

    /// <summary>Tokens that made it up, the one that ended the turn included; meaningful after its last part.</summary>
    // After a stop text the decoder may already be a token ahead: that one is nobody's.
    public int CompletionTokens => reader.IsStopped ? reader.TokensRead : generation.GeneratedTokens;

    /// <summary>Those of them that made up thoughts.</summary>
    public int ReasoningTokens => reader.ReasoningTokens;

    /// <summary>Reads the tokens that are there.</summary>
    /// <param name="parts">Receives what is known with them.</param>
    /// <returns><see langword="false"/> when nothing more is wanted.</returns>
    public bool TryRead(List<AnswerPart> parts)
    {
        while (!reader.IsStopped && generation.Tokens.TryRead(out var token))
        {
            reader.Append(token, parts);
        }

        if (!reader.IsStopped)
        {
            return true;
        }

        generation.RequestStop();
        return false;
    }

    /// <summary>Ends the answer.</summary>
    public void Complete(List<AnswerPart> parts) => reader.Complete(parts);
}
