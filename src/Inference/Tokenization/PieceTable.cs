using System.Numerics;
using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Tokenization;

/// <summary>The pieces of a vocabulary as UTF-8, found by bytes or by id; one buffer, no string per piece.</summary>
internal sealed class PieceTable
{
    private byte[] _bytes = new byte[1 << 20];
    private int _used;
    private (int Offset, int Length)[] _pieces = new (int, int)[1 << 15];
    private int[] _slots = CreateSlots(1 << 16); // open addressing, id or -1
    private int _entries;

    /// <summary>One more than the highest id.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a piece; a piece that is there keeps its bytes and gets the new id.</summary>
    public void Add(ReadOnlySpan<byte> piece, int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, 1 << 24);
        if (_bytes.Length - _used < piece.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + piece.Length));
        }

        if (id >= _pieces.Length)
        {
            Array.Resize(ref _pieces, (int)BitOperations.RoundUpToPowerOf2((uint)id + 1));
        }

        if ((_entries + 1) * 2 > _slots.Length)
        {
            Grow();
        }

        piece.CopyTo(_bytes.AsSpan(_used));
        _pieces[id] = (_used, piece.Length);
        _used += piece.Length;
        Count = Math.Max(Count, id + 1);
        var slot = FindSlot(piece);
        _entries += _slots[slot] < 0 ? 1 : 0;
        _slots[slot] = id;
    }

    /// <summary>Finds the id of a piece.</summary>
    public bool TryGetId(ReadOnlySpan<byte> piece, out int id)
    {
        id = _slots[FindSlot(piece)];
        return id >= 0;
    }

    /// <summary>The UTF-8 bytes of a piece; empty for an id outside the vocabulary.</summary>
    public ReadOnlySpan<byte> GetPiece(int id)
    {
        if ((uint)id >= (uint)Count)
        {
            return default;
        }

        var (offset, length) = _pieces[id];
        return _bytes.AsSpan(offset, length);
    }

    private static int[] CreateSlots(int count)
    {
        var slots = new int[count];
        Array.Fill(slots, -1);
        return slots;
    }

    private static uint Hash(ReadOnlySpan<byte> piece)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)piece.Length * Multiplier;
        while (piece.Length >= 8)
        {
            hash = BitOperations.RotateLeft((hash ^ MemoryMarshal.Read<ulong>(piece)) * Multiplier, 29);
            piece = piece[8..];
        }

        foreach (var value in piece)
        {
            hash = BitOperations.RotateLeft((hash ^ value) * Multiplier, 29);
        }

        return (uint)((hash * Multiplier) >> 32);
    }

    private int FindSlot(ReadOnlySpan<byte> piece)
    {
        var mask = _slots.Length - 1;
        var slot = (int)(Hash(piece) & (uint)mask);
        while (_slots[slot] >= 0 && !GetPiece(_slots[slot]).SequenceEqual(piece))
        {
            slot = (slot + 1) & mask;
        }

        return slot;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = CreateSlots(old.Length * 2);
        foreach (var id in old)
        {
            if (id >= 0)
            {
                _slots[FindSlot(GetPiece(id))] = id;
            }
        }
    }
}
