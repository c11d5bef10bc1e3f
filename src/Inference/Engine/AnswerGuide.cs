using RouterGateway.Inference.Guidance;

namespace RouterGateway.Inference.Engine;

/// <summary>Keeps an answer to its form and leaves the thoughts before it free. One thread at a time.</summary>
/// <param name="guide">Of the answer; owned by this object.</param>
/// <param name="thoughts">The tokens that open and close thoughts; <see langword="null"/> where there are none.</param>
/// <param name="isThinking">Whether the prompt ends within thoughts.</param>
internal sealed class AnswerGuide(TokenGuide guide, (int Opening, int Closing)? thoughts, bool isThinking) : IDisposable
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
            return;
        }

        var opening = _isAtBeginning ? logits[thoughts!.Value.Opening] : 0;
        guide.Mask(logits);
        if (_isAtBeginning)
        {
            logits[thoughts!.Value.Opening] = opening;
        }
    }

    /// <inheritdoc cref="TokenGuide.Accept"/>
    public void Accept(int token)
    {
        if (_isThinking)
        {
            _isThinking = token != thoughts!.Value.Closing;
        }
        else if (_isAtBeginning && token == thoughts!.Value.Opening)
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
