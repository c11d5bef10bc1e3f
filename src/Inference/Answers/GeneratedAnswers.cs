using System.Runtime.CompilerServices;
using RouterGateway.Inference.Engine;

namespace RouterGateway.Inference.Answers;

/// <summary>The answers to one prompt that are generated at the same time.</summary>
internal sealed class GeneratedAnswers(IReadOnlyList<GeneratedAnswer> answers)
{
    private readonly Task<bool>?[] _waits = new Task<bool>?[answers.Count];
    private readonly bool[] _isComplete = new bool[answers.Count];

    /// <summary>The answers; what they say of their end is meaningful after the last parts.</summary>
    public IReadOnlyList<GeneratedAnswer> Answers => answers;

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens => answers[0].Generation.Prompt.Length;

    /// <summary>Tokens of the prompt that a KV cache held already, for all answers.</summary>
    public int CachedTokens => answers.Min(static answer => answer.Generation.CachedTokens);

    /// <summary>Tokens of all answers.</summary>
    public int CompletionTokens => answers.Sum(static answer => answer.CompletionTokens);

    /// <summary>Those of them that made up thoughts.</summary>
    public int ReasoningTokens => answers.Sum(static answer => answer.ReasoningTokens);

    /// <summary>Queues all answers; the engine disposes the guides of those that it takes.</summary>
    /// <returns><see langword="false"/> when it does not take all of them: those it took are to be cancelled, and the other guides are disposed.</returns>
    public bool TryEnqueue(GenerationEngine engine)
    {
        var taken = answers.TakeWhile(answer => engine.TryEnqueue(answer.Generation)).Count();
        foreach (var answer in answers.Skip(taken))
        {
            answer.Generation.Guide?.Dispose();
        }

        return taken == answers.Count;
    }

    /// <summary>Waits until one of the answers has a token, or its end. Throws what failed it.</summary>
    /// <returns>Whether it has a token.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => await await WaitForAnyAsync(cancellationToken);

    /// <summary>Reads the parts of all answers as they come. Throws what failed one of them.</summary>
    /// <returns>Which answer, and its next parts, to be used before the next are asked for; after its last parts come none, once.</returns>
    public async IAsyncEnumerable<(int Answer, IReadOnlyList<AnswerPart> Parts)> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parts = new List<AnswerPart>();
        while (_isComplete.Contains(false))
        {
            await WaitForAnyAsync(cancellationToken);
            for (var i = 0; i < answers.Count; i++)
            {
                if (_waits[i] is not { IsCompleted: true } wait)
                {
                    continue;
                }

                parts.Clear();
                _waits[i] = null;
                if (!await wait || !answers[i].TryRead(parts))
                {
                    _isComplete[i] = true;
                    answers[i].Complete(parts);
                }

                if (parts.Count > 0)
                {
                    yield return (i, parts);
                }

                if (_isComplete[i])
                {
                    yield return (i, []);
                }
            }
        }
    }

    // The waits that are under way stay so: each is begun once per token of its answer.
    private async ValueTask<Task<bool>> WaitForAnyAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < answers.Count; i++)
        {
            if (!_isComplete[i])
            {
                _waits[i] ??= answers[i].Generation.Tokens.WaitToReadAsync(cancellationToken).AsTask();
            }
        }

        return await Task.WhenAny(_waits.OfType<Task<bool>>());
    }
}
