using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Onnx;

/// <summary>The messages of onnx.proto that graphs are edited and built with, and their field numbers.</summary>
internal static class OnnxProto
{
    public const int ModelGraph = 7;
    public const int GraphNode = 1;
    public const int GraphInitializer = 5;
    public const int GraphInput = 11;
    public const int GraphOutput = 12;
    public const int GraphValueInfo = 13;
    public const int NodeInput = 1;
    public const int NodeOutput = 2;
    public const int NodeOperator = 4;
    public const int NodeAttribute = 5;
    public const int AttributeName = 1;
    public const int ValueName = 1;
    public const int TensorDataType = 2;
    public const int TensorName = 8;

    // TensorProto.DataType
    public const int Float = 1;
    public const int Uint8 = 2;
    public const int Int8 = 3;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Float16 = 10;

    private const int IrVersion = 10;
    private const int Opset = 21;

    /// <summary>A whole model of one graph.</summary>
    public static ProtoMessage Model(ProtoMessage graph) => Message(
        ProtoField.Of(1, IrVersion),
        ProtoField.Of(8, Message(ProtoField.Of(1, ""), ProtoField.Of(2, Opset))),
        ProtoField.Of(8, Message(ProtoField.Of(1, "com.microsoft"), ProtoField.Of(2, 1))),
        ProtoField.Of(ModelGraph, graph));

    /// <summary>A node.</summary>
    /// <param name="type">The operator.</param>
    /// <param name="inputs">Names; an empty one is an input left out.</param>
    /// <param name="outputs">Names; the first names the node as well.</param>
    /// <param name="domain">Empty for the operators of ONNX itself.</param>
    /// <param name="attributes">As <see cref="Attribute(string, long)"/> gives them.</param>
    public static ProtoMessage Node(string type, IEnumerable<string> inputs, IReadOnlyList<string> outputs, string domain = "", params IEnumerable<ProtoMessage> attributes) => Message([
        .. inputs.Select(static name => ProtoField.Of(NodeInput, name)),
        .. outputs.Select(static name => ProtoField.Of(NodeOutput, name)),
        ProtoField.Of(3, outputs[0] + "/" + type),
        ProtoField.Of(NodeOperator, type),
        .. attributes.Select(static attribute => ProtoField.Of(NodeAttribute, attribute)),
        ProtoField.Of(7, domain)]);

    /// <summary>An integer attribute.</summary>
    public static ProtoMessage Attribute(string name, long value) => Message(ProtoField.Of(AttributeName, name), ProtoField.Of(3, value), ProtoField.Of(20, 2));

    /// <summary>A number attribute.</summary>
    public static ProtoMessage Attribute(string name, float value) => Message(
        ProtoField.Of(AttributeName, name), new ProtoField(2, 5, BitConverter.SingleToUInt32Bits(value), default), ProtoField.Of(20, 1));

    /// <summary>A text attribute.</summary>
    public static ProtoMessage Attribute(string name, string value) => Message(ProtoField.Of(AttributeName, name), ProtoField.Of(4, value), ProtoField.Of(20, 3));

    /// <summary>A tensor attribute.</summary>
    public static ProtoMessage Attribute(string name, ProtoMessage tensor) => Message(ProtoField.Of(AttributeName, name), ProtoField.Of(5, tensor), ProtoField.Of(20, 4));

    /// <summary>A tensor of 64-bit integers.</summary>
    public static ProtoMessage Tensor(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> shape) => Tensor(name, Int64, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A tensor of float32.</summary>
    public static ProtoMessage Tensor(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) => Tensor(name, Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A tensor from its bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="bytes">Its content, little-endian.</param>
    /// <param name="shape">Empty for a scalar.</param>
    public static ProtoMessage Tensor(string name, int type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> shape)
    {
        var tensor = new ProtoMessage();
        foreach (var size in shape)
        {
            tensor.Fields.Add(ProtoField.Of(1, size));
        }

        tensor.Fields.Add(ProtoField.Of(TensorDataType, type));
        tensor.Fields.Add(ProtoField.Of(TensorName, name));
        tensor.Fields.Add(new ProtoField(9, 2, 0, bytes.ToArray()));
        return tensor;
    }

    /// <summary>An input or output of a graph.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Sizes; a negative one is open.</param>
    public static ProtoMessage Value(string name, int type, params ReadOnlySpan<long> shape)
    {
        var dimensions = new ProtoMessage();
        for (var i = 0; i < shape.Length; i++)
        {
            dimensions.Fields.Add(ProtoField.Of(1, shape[i] < 0 ? Message(ProtoField.Of(2, $"{name}_{i}")) : Message(ProtoField.Of(1, shape[i]))));
        }

        return Message(
            ProtoField.Of(ValueName, name),
            ProtoField.Of(2, Message(ProtoField.Of(1, Message(ProtoField.Of(1, type), ProtoField.Of(2, dimensions))))));
    }

    /// <summary>Element type and shape of an input or output of a graph; the size of an open dimension is -1.</summary>
    /// <exception cref="InvalidDataException">It is not a tensor.</exception>
    public static (int Type, long[] Shape) TypeOf(ProtoMessage value)
    {
        var tensor = value.Last(2)?.Message.Last(1)?.Message ?? throw new InvalidDataException($"\"{value.Text(ValueName)}\" is not a tensor");
        var shape = tensor.Last(2)?.Message.All(1).Select(static size => (long)(size.Message.Last(1)?.Value ?? ulong.MaxValue)).ToArray() ?? [];
        return ((int)(tensor.Last(1)?.Value ?? 0), shape);
    }

    /// <summary>A message of some fields.</summary>
    public static ProtoMessage Message(params IEnumerable<ProtoField> fields)
    {
        var message = new ProtoMessage();
        message.Fields.AddRange(fields);
        return message;
    }
}
