using System.Buffers;
using System.Text;

namespace RouterGateway.Inference.Tokenization;

/// <summary>Turns tokens into text one by one, never giving out a part of a character.</summary>
/// <remarks>All texts given out together are what <see cref="BpeTokenizer.Decode"/> gives for all tokens. Not thread-safe.</remarks>
public sealed class StreamingDetokenizer(BpeTokenizer tokenizer, bool skipSpecial = true)
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64);

    /// <summary>Adds a token.</summary>
    /// <returns>The text that is complete with it; empty while a character split over byte tokens is unfinished.</returns>
    public string Append(int token)
    {
        tokenizer.WriteBytes(token, skipSpecial, _bytes);
        var bytes = _bytes.WrittenSpan;
        var incomplete = CountIncomplete(bytes);
        var text = Encoding.UTF8.GetString(bytes[..^incomplete]);
        Span<byte> rest = stackalloc byte[4];
        bytes[^incomplete..].CopyTo(rest);
        _bytes.ResetWrittenCount();
        _bytes.Write(rest[..incomplete]);
        return text;
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back, as U+FFFD; usually empty.</returns>
    public string Flush()
    {
        var text = Encoding.UTF8.GetString(_bytes.WrittenSpan);
        _bytes.ResetWrittenCount();
        return text;
    }

    private static int CountIncomplete(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if ((bytes[^length] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
    }
}
