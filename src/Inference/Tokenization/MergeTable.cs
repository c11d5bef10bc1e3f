namespace RouterGateway.Inference.Tokenization;

/// <summary>The merges of a BPE by pair of ids.</summary>
// Not a Dictionary: the hash of a long is the exclusive or of its halves, and half a million pairs of mostly small ids
// fall into few of its values (measured: seven seconds to load Gemma's merges instead of a tenth of one).
internal sealed class MergeTable
{
    private const long Free = -1;

    private long[] _keys = CreateKeys(1 << 12);
    private (int Rank, int Id)[] _merges = new (int, int)[1 << 12];

    /// <summary>Number of pairs.</summary>
    public int Count { get; private set; }

    /// <summary>The ids that merges yield.</summary>
    public IEnumerable<int> Results
    {
        get
        {
            for (var slot = 0; slot < _keys.Length; slot++)
            {
                if (_keys[slot] != Free)
                {
                    yield return _merges[slot].Id;
                }
            }
        }
    }

    /// <summary>Adds a pair; of equal pairs the last counts.</summary>
    /// <param name="left">Id of the left piece.</param>
    /// <param name="right">Id of the right piece.</param>
    /// <param name="rank">Lower ranks are merged first.</param>
    /// <param name="id">Id of the result.</param>
    public void Add(int left, int right, int rank, int id)
    {
        if ((Count + 1) * 2 > _keys.Length)
        {
            Grow();
        }

        var key = Key(left, right);
        var slot = FindSlot(key);
        Count += _keys[slot] == Free ? 1 : 0;
        _keys[slot] = key;
        _merges[slot] = (rank, id);
    }

    /// <summary>Finds what a pair merges to.</summary>
    public bool TryGet(int left, int right, out (int Rank, int Id) merge)
    {
        var slot = FindSlot(Key(left, right));
        merge = _merges[slot];
        return _keys[slot] != Free;
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private static long[] CreateKeys(int count)
    {
        var keys = new long[count];
        Array.Fill(keys, Free);
        return keys;
    }

    private int FindSlot(long key)
    {
        var mask = _keys.Length - 1;
        var hash = (ulong)key * 0x9E3779B97F4A7C15;
        var slot = (int)((hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93 >> 32) & mask;
        while (_keys[slot] != Free && _keys[slot] != key)
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        var (keys, merges) = (_keys, _merges);
        _keys = CreateKeys(keys.Length * 2);
        _merges = new (int, int)[_keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (keys[i] != Free)
            {
                var slot = FindSlot(keys[i]);
                _keys[slot] = keys[i];
                _merges[slot] = merges[i];
            }
        }
    }
}
