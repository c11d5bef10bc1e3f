using System.Diagnostics.CodeAnalysis;

namespace RouterGateway.Inference.Engine;

/// <summary>Requests that wait for a slot, first come, first served, and how many are being served. Thread-safe.</summary>
/// <param name="capacity">Most requests, waiting and being served.</param>
internal sealed class GenerationQueue(int capacity)
{
    private readonly object _gate = new(); // to wait on, which a Lock cannot
    private readonly LinkedList<GenerationRequest> _waiting = [];
    private int _served;
    private bool _isClosed;

    /// <summary>Requests that wait and that are being served.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count + _served;
            }
        }
    }

    /// <summary>Whether some more requests would be taken now.</summary>
    public bool HasRoom(int requests) => Count + requests <= capacity;

    /// <summary>Adds a request.</summary>
    /// <returns>False when it is full or closed.</returns>
    public bool TryAdd(GenerationRequest request)
    {
        lock (_gate)
        {
            if (_isClosed || _waiting.Count + _served >= capacity)
            {
                return false;
            }

            _waiting.AddLast(request);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Takes the first request to serve it, and waits for one on this thread; <see cref="EndService"/> ends it.</summary>
    /// <returns>False when there will be no more.</returns>
    public bool TryTake([NotNullWhen(true)] out GenerationRequest? request)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            request = _waiting.First?.Value;
            if (request is null)
            {
                return false;
            }

            _waiting.RemoveFirst();
            _served++;
            return true;
        }
    }

    /// <summary>Removes a request that nobody waits for any more; does nothing when it is being served.</summary>
    public void Remove(GenerationRequest request)
    {
        lock (_gate)
        {
            _waiting.Remove(request);
        }
    }

    /// <summary>Makes room for another.</summary>
    public void EndService()
    {
        lock (_gate)
        {
            _served--;
        }
    }

    /// <summary>Takes no more requests; those that wait are still given out.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
