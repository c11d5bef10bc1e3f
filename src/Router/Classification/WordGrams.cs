using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace RouterGateway.Router.Classification;

/// <summary>Words of a text and their sequences, hashed as scikit-learn's HashingVectorizer does in training.</summary>
internal static class WordGrams
{
    /// <summary>Returns the bucket of every n-gram, repeated ones repeatedly.</summary>
    /// <param name="text">The text.</param>
    /// <param name="buckets">How many there are.</param>
    /// <param name="longest">Words of the longest n-gram, 1 or more.</param>
    public static List<int> Hash(string text, int buckets, int longest)
    {
        var (words, ends) = Split(text.ToLowerInvariant());
        var hashed = new List<int>(ends.Count * longest);
        for (var first = 0; first < ends.Count; first++)
        {
            var start = first == 0 ? 0 : ends[first - 1] + 1;
            for (var last = first; last < Math.Min(first + longest, ends.Count); last++)
            {
                hashed.Add(Bucket(Murmur3(words.AsSpan(start, ends[last] - start)), buckets));
            }
        }

        return hashed;
    }

    // UTF-8 of the words with a space between them, and where each ends: so an n-gram is one span.
    private static (byte[] Words, List<int> Ends) Split(string text)
    {
        var words = new byte[(Encoding.UTF8.GetMaxByteCount(text.Length) * 2) + 8];
        var (ends, at, inWord) = (new List<int>(), 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
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

        return (words, ends);
    }

    private static bool IsWordPart(Rune rune) =>
        (Rune.IsLetterOrDigit(rune) || rune.Value == '_' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber) &&
        rune.Value is not ((>= 0x2E80 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF));

    private static int Bucket(int hash, int buckets) => hash == int.MinValue ? (int.MaxValue - (buckets - 1)) % buckets : Math.Abs(hash) % buckets;

    // MurmurHash3 x86 32 with seed 0.
    private static int Murmur3(ReadOnlySpan<byte> bytes)
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
        return (int)(hash ^ (hash >> 16));

        static uint Mix(uint block) => BitOperations.RotateLeft(block * 0xCC9E2D51, 15) * 0x1B873593;
    }
}
