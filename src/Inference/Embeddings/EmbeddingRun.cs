namespace RouterGateway.Inference.Embeddings;

/// <summary>One run of the model over some inputs of a request: it waits, and then it begins or is given up, whichever is first.</summary>
/// <param name="inputs">The inputs.</param>
/// <param name="begun">Called when the run begins, on the thread that runs it.</param>
internal sealed class EmbeddingRun(IReadOnlyList<ReadOnlyMemory<int>> inputs, Action begun)
{
    private readonly TaskCompletionSource<float[]> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<ReadOnlyMemory<int>>? _waiting = inputs;

    /// <summary>Waits for the embeddings, [inputs, dimension]; gives the run up when cancelled before it begins.</summary>
    public async Task<float[]> WaitAsync(CancellationToken cancellationToken)
    {
        await using var registration = cancellationToken.UnsafeRegister(static (run, token) => ((EmbeddingRun)run!).GiveUp(token), this);
        return await _completion.Task;
    }

    /// <summary>Begins the run.</summary>
    /// <returns>Its inputs; <see langword="null"/> when it was given up.</returns>
    public IReadOnlyList<ReadOnlyMemory<int>>? TryBegin()
    {
        var taken = Interlocked.Exchange(ref _waiting, null);
        if (taken is not null)
        {
            begun();
        }

        return taken;
    }

    public void Complete(float[] embeddings) => _completion.TrySetResult(embeddings);

    public void Fail(Exception exception) => _completion.TrySetException(exception);

    /// <summary>Gives the run up, unless it has begun.</summary>
    public void GiveUp(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _waiting, null) is not null)
        {
            _completion.TrySetCanceled(cancellationToken);
        }
    }
}
