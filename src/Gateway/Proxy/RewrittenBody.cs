using System.Text.Json;
using RouterGateway.Gateway.Protocols;

namespace RouterGateway.Gateway.Proxy;

/// <summary>The client's bytes with another model name: nothing else of the body is touched.</summary>
internal static class RewrittenBody
{
    /// <returns>A fresh stream over the rewritten bytes, at its start.</returns>
    public static MemoryStream Create(ReadOnlyMemory<byte> body, ChatRequest request, string model)
    {
        var name = JsonEncodedText.Encode(model).EncodedUtf8Bytes;
        var bytes = body.Span;
        var (start, length) = request.ModelValue.GetOffsetAndLength(bytes.Length);
        var rewritten = new MemoryStream(bytes.Length + name.Length + 16);
        if (length > 0)
        {
            rewritten.Write(bytes[..start]);
            WriteQuoted(rewritten, name);
            rewritten.Write(bytes[(start + length)..]);
        }
        else
        {
            rewritten.Write(bytes[..request.FirstMember]);
            rewritten.Write("\"model\":"u8);
            WriteQuoted(rewritten, name);
            rewritten.Write(request.HasMembers ? ","u8 : ""u8);
            rewritten.Write(bytes[request.FirstMember..]);
        }

        rewritten.Position = 0;
        return rewritten;
    }

    private static void WriteQuoted(MemoryStream stream, ReadOnlySpan<byte> text)
    {
        stream.WriteByte((byte)'"');
        stream.Write(text);
        stream.WriteByte((byte)'"');
    }
}
