using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouterGateway.Router;

/// <summary>The first 128 bits of a SHA-256: names a text, a decision or a conversation without saying what it was.</summary>
/// <param name="High">The first eight bytes, big-endian.</param>
/// <param name="Low">The next eight.</param>
public readonly record struct Digest(ulong High, ulong Low)
{
    /// <summary>Hashes parts in order; a part's length counts, so that "ab" + "c" is not "a" + "bc".</summary>
    public static Digest Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(MemoryMarshal.AsBytes(part.AsSpan())); // UTF-16 as it is: nothing is transcoded, and lone surrogates differ
        }

        return Finish(hash);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(32, this, static (digits, digest) =>
    {
        digest.High.TryFormat(digits[..16], out _, "x16");
        digest.Low.TryFormat(digits[16..], out _, "x16");
    });

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Low;

    private static Digest Finish(IncrementalHash hash)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(bytes);
        return new Digest(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
    }
}
