using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Prompts;

namespace RouterGateway.Inference.Answers;

/// <summary>Ends the content of an answer before its first stop text, and keeps its tokens with the text that they stand for.</summary>
internal sealed class ContentReader(AnswerOptions options)
{
    private readonly StopFilter _filter = new(options.Stop);
    private readonly Queue<(GeneratedToken Token, int Start)> _pending = new(); // with the place where the token's text begins
    private int _added; // characters
    private int _given;

    /// <summary>Whether a stop text has come.</summary>
    public bool IsStopped => _filter.IsStopped;

    /// <summary>Adds text.</summary>
    /// <param name="text">Whole characters; empty while a character is unfinished.</param>
    /// <param name="token">The token that gave it, if any did.</param>
    /// <param name="parts">Receives what can be given out.</param>
    public void Append(string text, GeneratedToken? token, List<AnswerPart> parts)
    {
        if (IsStopped)
        {
            return;
        }

        if (token is { } own && options.WithTokens)
        {
            _pending.Enqueue((own, _added));
        }

        _added += text.Length;
        Give(_filter.Append(text), isLast: false, parts);
    }

    /// <summary>Ends the content.</summary>
    public void Complete(List<AnswerPart> parts) => Give(_filter.Flush(), isLast: !IsStopped, parts);

    private void Give(string text, bool isLast, List<AnswerPart> parts)
    {
        _given += text.Length;
        List<GeneratedToken>? tokens = null;
        while (_pending.TryPeek(out var next) && (next.Start < _given || isLast))
        {
            (tokens ??= []).Add(_pending.Dequeue().Token);
        }

        if (text.Length > 0 || tokens is not null)
        {
            parts.Add(new AnswerPart(AnswerPartKind.Content, text) { Tokens = options.WithTokens ? tokens ?? [] : null });
        }
    }
}
