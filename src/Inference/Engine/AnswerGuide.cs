using RouterGateway.Inference.Guidance;

namespace RouterGateway.Inference.Engine;

/// <summary>Keeps an answer to its form; the thoughts before it may be any text, and end with their mark. One thread at a time.</summary>
/// <param name="guide">Of the answer; owned by this object.</param>
/// <param name="thoughts">What stands around thoughts; <see langword="null"/> where there are none.</param>
/// <param name="isThinking">Whether the prompt ends within thoughts.</param>
internal sealed class AnswerGuide(TokenGuide guide, ThoughtMarks? thoughts, bool isThinking) : IDisposable
{
    private bool _isAtBeginning = thoughts is not null && !isThinking;
    private bool _isThinking = isThinking;

    /// <summary>Whether the answer is all there, so that only its end may follow.</summary>
    public bool IsComplete => !_isThinking && guide.IsComplete;

    /// <inheritdoc cref="TokenGuide.Mask"/>
    public void Mask(Span<float> logits)
    {
        if (_isThinking)
        {
            foreach (var token in thoughts!.NeverWithin)
            {
                logits[token] = float.NegativeInfinity;
            }

            return;
        }

        var opening = _isAtBeginning ? logits[thoughts!.Opening] : 0;
        guide.Mask(logits);
        if (_isAtBeginning)
        {
            logits[thoughts!.Opening] = opening;
        }
    }

    /// <inheritdoc cref="TokenGuide.Accept"/>
    public void Accept(int token)
    {
        if (_isThinking)
        {
            _isThinking = token != thoughts!.Closing;
        }
        else if (_isAtBeginning && token == thoughts!.Opening)
        {
            _isThinking = true;
        }
        else
        {
            guide.Accept(token);
        }

        _isAtBeginning = false;
    }

    /// <inheritdoc/>
    public void Dispose() => guide.Dispose();
}
