using System.Runtime.CompilerServices;
using RouterGateway.Inference.Prompts;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Engine;

/// <summary>The text of a running generation: tokens to whole characters, ended before a stop string.</summary>
internal sealed class GeneratedText(GenerationRequest generation, StreamingDetokenizer detokenizer, StopFilter filter)
{
    private int _tokensRead;

    /// <summary>Why the text ended; meaningful after its last piece.</summary>
    public FinishReason FinishReason => filter.IsStopped ? FinishReason.Stop : generation.FinishReason;

    /// <summary>Tokens that made up the text, the one that ended the turn included; meaningful after its last piece.</summary>
    // After a stop string the decoder may already be a token ahead: that one is nobody's.
    public int CompletionTokens => filter.IsStopped ? _tokensRead : generation.GeneratedTokens;

    /// <summary>Reads the pieces as they come; none is empty.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var token in generation.Tokens.ReadAllAsync(cancellationToken))
        {
            _tokensRead++;
            var piece = filter.Append(detokenizer.Append(token.Id));
            if (piece.Length > 0)
            {
                yield return piece;
            }

            if (filter.IsStopped)
            {
                generation.RequestStop();
                yield break;
            }
        }

        var rest = filter.Append(detokenizer.Flush()) + filter.Flush();
        if (rest.Length > 0)
        {
            yield return rest;
        }
    }
}
