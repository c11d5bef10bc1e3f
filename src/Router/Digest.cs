using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouterGateway.Router;

/// <summary>The first 128 bits of a SHA-256: names a text, a decision or a conversation without saying what it was.</summary>
/// <param name="High">The first eight bytes, big-endian.</param>
/// <param name="Low">The next eight.</param>
public readonly record struct Digest(ulong High, ulong Low)
{
    /// <summary>Hashes a text: its UTF-16 as it is, so that nothing is transcoded and lone surrogates differ.</summary>
    public static Digest Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));

    /// <summary>Hashes bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    /// <summary>Hashes several in order, so that "ab" and "c" are not "a" and "bc".</summary>
    public static Digest Of(params ReadOnlySpan<Digest> parts)
    {
        const int Size = 2 * sizeof(ulong);
        Span<byte> bytes = stackalloc byte[parts.Length * Size];
        for (var i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[(i * Size)..], parts[i].High);
            BinaryPrimitives.WriteUInt64BigEndian(bytes[((i * Size) + sizeof(ulong))..], parts[i].Low);
        }

        return Of(bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(32, this, static (digits, digest) =>
    {
        digest.High.TryFormat(digits[..16], out _, "x16");
        digest.Low.TryFormat(digits[16..], out _, "x16");
    });

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Low;

    private static Digest Read(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[sizeof(ulong)..]));
}
