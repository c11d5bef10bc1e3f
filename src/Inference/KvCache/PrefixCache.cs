using System.Numerics;
using RouterGateway.Inference.Decoding;

namespace RouterGateway.Inference.KvCache;

/// <summary>Keeps sequences that have ended, so that a prompt that begins like one of them is read from where they part. Thread-safe.</summary>
/// <remarks>
/// A conversation's next turn takes the sequence of the turn before; a prompt that shares only the smaller part of a sequence, such as
/// instructions, takes a copy of that part, which costs a copy of its keys and values instead of a run of the model. What was not used for
/// longest goes first.
/// </remarks>
internal sealed class PrefixCache(Decoder decoder, KvCacheLayout layout, int contextTokens) : IDisposable
{
    private const int FewestTokens = 8; // fewer are read again as fast as they are found

    private readonly Lock _lock = new();
    private readonly LinkedList<KvSequence> _kept = []; // the last used at the end
    private readonly bool _canRewind = KvSequence.CanRewind(decoder);
    private readonly bool _canCopy = KvSequence.CanCopy(decoder);
    private long _bytes;
    private long _queriedTokens;
    private long _hitTokens;

    /// <summary>Bytes of keys and values that are kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Tokens of all prompts that were looked up.</summary>
    public long QueriedTokens => Interlocked.Read(ref _queriedTokens);

    /// <summary>Those of them that did not have to be read.</summary>
    public long HitTokens => Interlocked.Read(ref _hitTokens);

    /// <summary>Gives a sequence that holds the beginning of a prompt, as much of it as was kept, and never all of it.</summary>
    /// <param name="prompt">One token or more.</param>
    /// <param name="reservedTokens">Tokens that the sequence must have room for.</param>
    /// <param name="keptBytes">Most bytes that may be kept beside it.</param>
    /// <returns>The sequence; the caller owns it, and may give it back with <see cref="Keep"/>.</returns>
    public KvSequence Take(ReadOnlySpan<int> prompt, int reservedTokens, long keptBytes)
    {
        Interlocked.Add(ref _queriedTokens, prompt.Length);
        var isFound = TryFind(prompt, reservedTokens, out var found, out var shared); // before it could be trimmed
        Trim(keptBytes);
        if (!isFound)
        {
            return new KvSequence(decoder, CapacityOf(reservedTokens));
        }

        Interlocked.Add(ref _hitTokens, shared);
        try
        {
            if (found!.CapacityTokens >= reservedTokens && IsMostOf(found, shared))
            {
                found.RewindTo(shared);
                return found;
            }

            var copy = found.CopyPrefix(shared, CapacityOf(reservedTokens));
            if (IsMostOf(found, shared))
            {
                found.Dispose(); // it was too small; the copy takes its place
            }
            else
            {
                Keep(found);
                Trim(keptBytes);
            }

            return copy;
        }
        catch
        {
            found!.Dispose();
            throw;
        }
    }

    /// <summary>Keeps a sequence, and owns it from here on.</summary>
    public void Keep(KvSequence sequence)
    {
        if (!_canRewind || sequence.Tokens.Length < FewestTokens)
        {
            sequence.Dispose();
            return;
        }

        sequence.Rest();
        lock (_lock)
        {
            _kept.AddLast(sequence);
            _bytes += BytesOf(sequence);
        }
    }

    /// <summary>Frees what was not used for longest, until no more than some bytes are kept.</summary>
    public void Trim(long bytes)
    {
        while (true)
        {
            KvSequence oldest;
            lock (_lock)
            {
                if (_bytes <= bytes || _kept.First is not { } first)
                {
                    return;
                }

                oldest = first.Value;
                Remove(first);
            }

            oldest.Dispose();
        }
    }

    /// <summary>Frees everything.</summary>
    public void Dispose() => Trim(-1);

    private bool TryFind(ReadOnlySpan<int> prompt, int reservedTokens, out KvSequence? found, out int shared)
    {
        LinkedListNode<KvSequence>? best = null;
        shared = FewestTokens - 1;
        lock (_lock)
        {
            for (var node = _kept.Last; node is not null; node = node.Previous)
            {
                var common = prompt[..^1].CommonPrefixLength(node.Value.Tokens);
                if (common > shared && node.Value.CanRewindTo(common) && (_canCopy || (node.Value.CapacityTokens >= reservedTokens && IsMostOf(node.Value, common))))
                {
                    (best, shared) = (node, common);
                }
            }

            if (best is not null)
            {
                Remove(best);
            }
        }

        found = best?.Value;
        return found is not null;
    }

    // Then it is worth more to the prompt than what it would lose.
    private static bool IsMostOf(KvSequence sequence, int shared) => shared >= sequence.Tokens.Length / 2;

    private void Remove(LinkedListNode<KvSequence> node)
    {
        _kept.Remove(node);
        _bytes -= BytesOf(node.Value);
    }

    // Room for the turns to come. Where memory is not taken before it is used this costs nothing.
    private int CapacityOf(int reservedTokens) =>
        _canCopy ? (int)Math.Max(reservedTokens, Math.Min(BitOperations.RoundUpToPowerOf2((uint)reservedTokens), contextTokens))
        : decoder.Storage == KvStorageKind.Growing ? contextTokens : reservedTokens;

    private long BytesOf(KvSequence sequence) => layout.BytesOf(sequence.HeldTokens, sequence.IsLimitedToWindows);
}
