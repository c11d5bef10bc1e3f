using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace RouterGateway.Router.Classification;

/// <summary>Sequences of words, and of characters within words, hashed as scikit-learn's HashingVectorizer does in training; in lower case.</summary>
internal static class WordGrams
{
    /// <summary>Adds the 32-bit hash of every sequence of words, repeated ones repeatedly.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">Words of the longest n-gram, 1 or more.</param>
    /// <param name="grams">Receives the hashes.</param>
    public static void FindWords(string text, int longest, ref PooledList<ulong> grams)
    {
        // UTF-8 of the words with a space between them, and where each ends: so an n-gram is one span.
        var words = ArrayPool<byte>.Shared.Rent((Encoding.UTF8.GetMaxByteCount(text.Length) * 2) + 8);
        var ends = new PooledList<int>();
        try
        {
            Split(text, words, ref ends);
            for (var first = 0; first < ends.Count; first++)
            {
                var start = first == 0 ? 0 : ends.Items[first - 1] + 1;
                for (var last = first; last < Math.Min(first + longest, ends.Count); last++)
                {
                    grams.Add(Murmur3(words.AsSpan(start, ends.Items[last] - start)));
                }
            }
        }
        finally
        {
            ends.Dispose();
            ArrayPool<byte>.Shared.Return(words);
        }
    }

    /// <summary>Adds the 32-bit hash of every sequence of characters within words, the blanks around them included (char_wb).</summary>
    /// <param name="text">The text.</param>
    /// <param name="shortest">Characters of the shortest sequence, up to 3: every word with its blanks has so many.</param>
    /// <param name="longest">Characters of the longest.</param>
    /// <param name="grams">Receives the hashes.</param>
    public static void FindCharacters(string text, int shortest, int longest, ref PooledList<ulong> grams)
    {
        // UTF-8 of a word between blanks, and where each character of it starts
        var word = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
        var starts = new PooledList<int>();
        try
        {
            var at = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                if (Rune.IsWhiteSpace(rune))
                {
                    AddCharacters(word, at, ref starts, shortest, longest, ref grams);
                    at = 0;
                    continue;
                }

                if (at == 0)
                {
                    starts.Add(0);
                    word[at++] = (byte)' ';
                }

                starts.Add(at);
                at += Rune.ToLowerInvariant(rune).EncodeToUtf8(word.AsSpan(at));
            }

            AddCharacters(word, at, ref starts, shortest, longest, ref grams);
        }
        finally
        {
            starts.Dispose();
            ArrayPool<byte>.Shared.Return(word);
        }
    }

    private static void AddCharacters(byte[] word, int end, ref PooledList<int> starts, int shortest, int longest, ref PooledList<ulong> grams)
    {
        if (end == 0)
        {
            return;
        }

        starts.Add(end);
        word[end] = (byte)' ';
        starts.Add(end + 1); // where the blank ends
        var bounds = starts.Items;
        for (var first = 0; first < bounds.Length - shortest; first++)
        {
            for (var last = first + shortest; last <= Math.Min(first + longest, bounds.Length - 1); last++)
            {
                grams.Add(Murmur3(word.AsSpan(bounds[first], bounds[last] - bounds[first])));
            }
        }

        starts.Clear();
    }

    /// <summary>The bucket of a hash, as HashingVectorizer chooses it.</summary>
    public static int Bucket(ulong gram, int buckets)
    {
        var hash = (int)(uint)gram;
        return hash == int.MinValue ? (int.MaxValue - (buckets - 1)) % buckets : Math.Abs(hash) % buckets;
    }

    private static void Split(string text, byte[] words, ref PooledList<int> ends)
    {
        var (at, inWord) = (0, false);
        foreach (var anyCase in text.EnumerateRunes())
        {
            var rune = Rune.ToLowerInvariant(anyCase);
            var isWhite = Rune.IsWhiteSpace(rune);
            var isPart = !isWhite && IsWordPart(rune);
            if (inWord && !isPart)
            {
                ends.Add(at);
                inWord = false;
            }

            if (isWhite)
            {
                continue;
            }

            if (!inWord && ends.Count > 0)
            {
                words[at++] = (byte)' ';
            }

            at += rune.EncodeToUtf8(words.AsSpan(at));
            inWord = isPart;
            if (!isPart)
            {
                ends.Add(at); // punctuation, symbols and CJK characters are words by themselves
            }
        }

        if (inWord)
        {
            ends.Add(at);
        }
    }

    private static bool IsWordPart(Rune rune) =>
        (Rune.IsLetterOrDigit(rune) || rune.Value == '_' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber) &&
        rune.Value is not ((>= 0x2E80 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF));

    // MurmurHash3 x86 32 with seed 0.
    private static uint Murmur3(ReadOnlySpan<byte> bytes)
    {
        var hash = 0u;
        var whole = bytes.Length & ~3;
        for (var i = 0; i < whole; i += 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ Mix(BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..])), 13) * 5) + 0xE6546B64;
        }

        var tail = 0u;
        for (var i = bytes.Length - 1; i >= whole; i--)
        {
            tail = (tail << 8) | bytes[i];
        }

        hash ^= Mix(tail);
        hash ^= (uint)bytes.Length;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);

        static uint Mix(uint block) => BitOperations.RotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;
    }
}
