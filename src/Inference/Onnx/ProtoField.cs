using System.Text;

namespace RouterGateway.Inference.Onnx;

/// <summary>One field of a protobuf message on the wire.</summary>
/// <param name="Number">Field number.</param>
/// <param name="WireType">0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.</param>
/// <param name="Value">The value of a varint or of a fixed-size field.</param>
/// <param name="Bytes">The content of a length-delimited field.</param>
internal readonly record struct ProtoField(int Number, int WireType, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The content as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The content as a message.</summary>
    public ProtoMessage Message => ProtoMessage.Parse(Bytes);

    /// <summary>A varint field.</summary>
    public static ProtoField Of(int number, long value) => new(number, 0, (ulong)value, default);

    /// <summary>A text field.</summary>
    public static ProtoField Of(int number, string text) => new(number, 2, 0, Encoding.UTF8.GetBytes(text));

    /// <summary>A message field.</summary>
    public static ProtoField Of(int number, ProtoMessage message) => new(number, 2, 0, message.ToBytes());
}
