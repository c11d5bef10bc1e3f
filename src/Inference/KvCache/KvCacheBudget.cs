namespace RouterGateway.Inference.KvCache;

/// <summary>Admits sequences by the bytes of KV cache they can come to need, first come, first served. Thread-safe.</summary>
internal sealed class KvCacheBudget
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private long _usedBytes;

    /// <param name="poolBytes">All bytes that sequences may hold together.</param>
    public KvCacheBudget(long poolBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(poolBytes, 1);
        PoolBytes = poolBytes;
    }

    /// <summary>All bytes that sequences may hold together.</summary>
    public long PoolBytes { get; }

    /// <summary>The pool for some sequences: room for all at full length, but never more than half of the memory that is free. The other half
    /// is for activations, and for whoever else is on the machine.</summary>
    /// <param name="layout">What a token takes.</param>
    /// <param name="contextTokens">Longest sequence.</param>
    /// <param name="sequences">How many at once.</param>
    /// <param name="freeBytes">As <see cref="FreeMemory.Bytes"/> says.</param>
    public static long ChoosePoolBytes(KvCacheLayout layout, int contextTokens, int sequences, long freeBytes) =>
        Math.Max(layout.BytesPerToken, Math.Min(layout.BytesPerToken * contextTokens * sequences, freeBytes / 2));

    /// <summary>Bytes that running sequences hold.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_lock)
            {
                return _usedBytes;
            }
        }
    }

    /// <summary>Waits until the bytes, at most <see cref="PoolBytes"/>, are free and takes them; <see cref="Release"/> gives them back.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing was taken.</exception>
    public async Task AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, PoolBytes);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_waiters.Count == 0 && _usedBytes + bytes <= PoolBytes)
            {
                _usedBytes += bytes;
                return;
            }

            node = _waiters.AddLast(new Waiter(bytes, new(TaskCreationOptions.RunContinuationsAsynchronously)));
        }

        try
        {
            await node.Value.Admitted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Abandon(node);
            throw;
        }
    }

    /// <summary>Takes more bytes for a sequence that runs already, whether they are free or not: others wait until they are given back.</summary>
    public void TakeMore(long bytes)
    {
        lock (_lock)
        {
            _usedBytes += bytes;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _usedBytes -= bytes;
            AdmitWaiters();
        }
    }

    private void Abandon(LinkedListNode<Waiter> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _waiters.Remove(node);
            }
            else
            {
                _usedBytes -= node.Value.Bytes; // admitted just as it gave up
            }

            AdmitWaiters();
        }
    }

    private void AdmitWaiters()
    {
        while (_waiters.First is { } first && _usedBytes + first.Value.Bytes <= PoolBytes)
        {
            _usedBytes += first.Value.Bytes;
            _waiters.RemoveFirst();
            first.Value.Admitted.SetResult();
        }
    }

    private sealed record Waiter(long Bytes, TaskCompletionSource Admitted);
}
