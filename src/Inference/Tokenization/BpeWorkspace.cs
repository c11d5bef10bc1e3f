namespace RouterGateway.Inference.Tokenization;

/// <summary>Merges the symbols of one stretch of text by rank; reused for every stretch, used by one thread.</summary>
/// <remarks>
/// Always merges the pair of lowest rank, of equals the leftmost: short stretches scan for it, long ones keep a heap, so
/// that a megabyte without a space costs n log n.
/// </remarks>
internal sealed class BpeWorkspace
{
    private const int ScanLimit = 24;
    private const int None = -1;

    private int[] _ids = new int[256];
    private int[] _next = [];
    private int[] _previous = [];
    private long[] _heap = []; // rank in the upper half, position in the lower
    private int _heapCount;
    private int _count;

    /// <summary>Number of symbols waiting.</summary>
    public int Count => _count;

    /// <summary>The last symbol; only while <see cref="Count"/> is positive.</summary>
    public int Last => _ids[_count - 1];

    /// <summary>Whether the buffers have grown so far that they should not be kept.</summary>
    public bool IsLarge => _ids.Length > 1 << 16;

    /// <summary>Adds a symbol at the end.</summary>
    public void Add(int id)
    {
        if (_count == _ids.Length)
        {
            Array.Resize(ref _ids, _count * 2);
        }

        _ids[_count++] = id;
    }

    /// <summary>Drops all symbols.</summary>
    public void Clear() => _count = 0;

    /// <summary>Merges what can be merged, appends the result to <paramref name="tokens"/> and is empty again.</summary>
    public void Merge(MergeTable merges, List<int> tokens)
    {
        if (_count > ScanLimit)
        {
            MergeByHeap(merges, tokens);
        }
        else
        {
            MergeByScan(merges);
            tokens.AddRange(_ids.AsSpan(0, _count));
        }

        _count = 0;
    }

    private void MergeByScan(MergeTable merges)
    {
        Span<int> ranks = stackalloc int[ScanLimit];
        for (var i = 0; i + 1 < _count; i++)
        {
            ranks[i] = RankAt(i, merges);
        }

        while (_count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < _count; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }

            if (ranks[best] == int.MaxValue)
            {
                break;
            }

            _ = merges.TryGet(_ids[best], _ids[best + 1], out var merge);
            _ids[best] = merge.Id;
            _count--;
            _ids.AsSpan(best + 2, _count - best - 1).CopyTo(_ids.AsSpan(best + 1));
            if (best + 2 < _count + 1)
            {
                ranks[(best + 2)..(_count + 1)].CopyTo(ranks[(best + 1)..]);
            }

            if (best + 1 < _count)
            {
                ranks[best] = RankAt(best, merges);
            }

            if (best > 0)
            {
                ranks[best - 1] = RankAt(best - 1, merges);
            }
        }
    }

    private int RankAt(int position, MergeTable merges) =>
        merges.TryGet(_ids[position], _ids[position + 1], out var merge) ? merge.Rank : int.MaxValue;

    private void MergeByHeap(MergeTable merges, List<int> tokens)
    {
        if (_next.Length < _count)
        {
            _next = new int[_ids.Length];
            _previous = new int[_ids.Length];
            _heap = new long[_ids.Length * 3]; // at most one entry per first pair and two per merge
        }

        _heapCount = 0;
        for (var i = 0; i < _count; i++)
        {
            _next[i] = i + 1 < _count ? i + 1 : None;
            _previous[i] = i - 1;
        }

        for (var i = 0; i + 1 < _count; i++)
        {
            Push(i, merges);
        }

        while (_heapCount > 0)
        {
            var top = Pop();
            var left = (int)(uint)top;
            var right = _ids[left] == None ? None : _next[left];
            if (right == None
                || !merges.TryGet(_ids[left], _ids[right], out var merge)
                || merge.Rank != (int)(top >> 32))
            {
                continue; // one of its symbols has been merged since
            }

            _ids[left] = merge.Id;
            _ids[right] = None;
            _next[left] = _next[right];
            if (_next[left] != None)
            {
                _previous[_next[left]] = left;
                Push(left, merges);
            }

            if (_previous[left] != None)
            {
                Push(_previous[left], merges);
            }
        }

        for (var i = 0; i != None; i = _next[i])
        {
            tokens.Add(_ids[i]);
        }
    }

    private void Push(int left, MergeTable merges)
    {
        if (!merges.TryGet(_ids[left], _ids[_next[left]], out var merge))
        {
            return;
        }

        var entry = ((long)merge.Rank << 32) | (uint)left;
        var child = _heapCount++;
        while (child > 0)
        {
            var parent = (child - 1) >> 1;
            if (_heap[parent] <= entry)
            {
                break;
            }

            _heap[child] = _heap[parent];
            child = parent;
        }

        _heap[child] = entry;
    }

    private long Pop()
    {
        var top = _heap[0];
        var entry = _heap[--_heapCount];
        var parent = 0;
        while (true)
        {
            var child = (2 * parent) + 1;
            if (child >= _heapCount)
            {
                break;
            }

            if (child + 1 < _heapCount && _heap[child + 1] < _heap[child])
            {
                child++;
            }

            if (_heap[child] >= entry)
            {
                break;
            }

            _heap[parent] = _heap[child];
            parent = child;
        }

        _heap[parent] = entry;
        return top;
    }
}
