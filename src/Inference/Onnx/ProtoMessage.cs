using System.Buffers;
using System.Buffers.Binary;

namespace RouterGateway.Inference.Onnx;

/// <summary>A protobuf message as its fields in order: enough to read and edit ONNX graphs without a schema.</summary>
/// <remarks>Contents are slices of the source, so weights are never copied by reading.</remarks>
internal sealed class ProtoMessage
{
    /// <summary>The fields, in the order of the wire.</summary>
    public List<ProtoField> Fields { get; } = [];

    /// <summary>Parses the fields of this level; nested messages are parsed when they are asked for.</summary>
    /// <exception cref="InvalidDataException">It is not a protobuf message.</exception>
    public static ProtoMessage Parse(ReadOnlyMemory<byte> source)
    {
        var message = new ProtoMessage();
        var position = 0;
        while (position < source.Length)
        {
            var tag = ReadVarint(source.Span, ref position);
            var (number, wireType) = ((int)(tag >> 3), (int)(tag & 7));
            switch (wireType)
            {
                case 0:
                    message.Fields.Add(new(number, wireType, ReadVarint(source.Span, ref position), default));
                    break;
                case 1:
                    message.Fields.Add(new(number, wireType, BinaryPrimitives.ReadUInt64LittleEndian(Take(source, ref position, 8).Span), default));
                    break;
                case 2:
                    var length = ReadVarint(source.Span, ref position);
                    message.Fields.Add(new(number, wireType, 0, Take(source, ref position, length)));
                    break;
                case 5:
                    message.Fields.Add(new(number, wireType, BinaryPrimitives.ReadUInt32LittleEndian(Take(source, ref position, 4).Span), default));
                    break;
                default:
                    throw new InvalidDataException("it is not a protobuf file");
            }
        }

        return message;
    }

    /// <summary>All fields of a number, in order.</summary>
    public IEnumerable<ProtoField> All(int number) => Fields.Where(field => field.Number == number);

    /// <summary>The last field of a number, which is the one that counts.</summary>
    public ProtoField? Last(int number)
    {
        var index = Fields.FindLastIndex(field => field.Number == number);
        return index < 0 ? null : Fields[index];
    }

    /// <summary>The text of a field; empty if it is absent.</summary>
    public string Text(int number) => Last(number)?.Text ?? "";

    /// <summary>The wire format.</summary>
    public byte[] ToBytes()
    {
        var writer = new ArrayBufferWriter<byte>();
        foreach (var field in Fields)
        {
            WriteVarint(writer, ((ulong)field.Number << 3) | (uint)field.WireType);
            switch (field.WireType)
            {
                case 0:
                    WriteVarint(writer, field.Value);
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt64LittleEndian(writer.GetSpan(8), field.Value);
                    writer.Advance(8);
                    break;
                case 2:
                    WriteVarint(writer, (ulong)field.Bytes.Length);
                    writer.Write(field.Bytes.Span);
                    break;
                default:
                    BinaryPrimitives.WriteUInt32LittleEndian(writer.GetSpan(4), (uint)field.Value);
                    writer.Advance(4);
                    break;
            }
        }

        return writer.WrittenSpan.ToArray();
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> source, ref int position)
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (position >= source.Length)
            {
                break;
            }

            var next = source[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("it is cut off or not a protobuf file");
    }

    private static void WriteVarint(ArrayBufferWriter<byte> writer, ulong value)
    {
        var span = writer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        writer.Advance(length);
    }

    private static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> source, ref int position, ulong length)
    {
        if (length > (ulong)(source.Length - position))
        {
            throw new InvalidDataException("it is cut off");
        }

        var bytes = source.Slice(position, (int)length);
        position += (int)length;
        return bytes;
    }
}
