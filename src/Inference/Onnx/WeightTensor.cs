using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace RouterGateway.Inference.Onnx;

/// <summary>Reads and writes small weights of float32 and float16.</summary>
internal static class WeightTensor
{
    private const int Dimensions = 1;
    private const int FloatData = 4;
    private const int RawData = 9;
    private const int ExternalData = 13;
    private const int Location = 14;

    /// <summary>The sizes of a weight.</summary>
    public static long[] ShapeOf(ProtoMessage tensor) => [.. tensor.All(Dimensions).SelectMany(static field => field.WireType == 0 ? [(long)field.Value] : Packed(field))];

    /// <summary>Reads a weight, wherever it is stored.</summary>
    /// <param name="tensor">The weight.</param>
    /// <param name="folder">Where the graph's file lies.</param>
    /// <param name="count">How many values it has.</param>
    /// <returns>Null when it is of another size or type, or its data are not there.</returns>
    public static float[]? TryRead(ProtoMessage tensor, string folder, int count)
    {
        var type = (int)(tensor.Last(OnnxProto.TensorDataType)?.Value ?? 0);
        if (type is not (OnnxProto.Float or OnnxProto.Float16) || ShapeOf(tensor).Aggregate(1L, static (product, size) => product * size) != count)
        {
            return null;
        }

        var bytes = BytesOf(tensor, type, folder, count * (type == OnnxProto.Float ? sizeof(float) : sizeof(ushort)));
        var values = new float[count];
        if (bytes is null || bytes.Length != count * (type == OnnxProto.Float ? sizeof(float) : sizeof(ushort)))
        {
            return null;
        }

        if (type == OnnxProto.Float)
        {
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(values);
        }
        else
        {
            TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), values);
        }

        return values;
    }

    /// <summary>Makes a weight with its values inside.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its element type.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="values">Its values, row-major.</param>
    /// <returns>Null when the type is another, or cannot hold one of the values as exactly as it holds others.</returns>
    public static ProtoMessage? TryCreate(string name, int type, long[] shape, float[] values)
    {
        switch (type)
        {
            case OnnxProto.Float:
                return Array.TrueForAll(values, static value => value == 0 || float.IsNormal(value)) ? OnnxProto.Tensor(name, values, shape) : null;
            case OnnxProto.Float16:
                var halves = Array.ConvertAll(values, static value => (Half)value);
                return halves.Zip(values).All(static pair => pair.Second == 0 || Half.IsNormal(pair.First)) ? OnnxProto.Tensor(name, type, MemoryMarshal.AsBytes<Half>(halves), shape) : null;
            default:
                return null;
        }
    }

    private static byte[]? BytesOf(ProtoMessage tensor, int type, string folder, int length)
    {
        if (tensor.Last(Location)?.Value == 1)
        {
            return ReadExternal(tensor, folder, length);
        }

        if (tensor.Last(RawData) is { } raw)
        {
            return raw.Bytes.ToArray();
        }

        // one by one, or packed into one field
        return type == OnnxProto.Float
            ? [.. tensor.All(FloatData).SelectMany(static field => field.WireType == 5 ? BitConverter.GetBytes((uint)field.Value) : field.Bytes.ToArray())]
            : null;
    }

    private static byte[]? ReadExternal(ProtoMessage tensor, string folder, int length)
    {
        var entries = tensor.All(ExternalData).Select(static field => field.Message).GroupBy(static entry => entry.Text(1), static entry => entry.Text(2), StringComparer.Ordinal).ToDictionary(static entry => entry.Key, static entry => entry.Last(), StringComparer.Ordinal);
        var location = entries.GetValueOrDefault("location", "");
        var path = Path.GetFullPath(Path.Combine(folder, location));
        if (!path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !File.Exists(path)
            || !long.TryParse(entries.GetValueOrDefault("offset", "0"), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            return null;
        }

        using var file = File.OpenHandle(path);
        var bytes = new byte[length];
        var read = 0;
        for (int more; read < length && (more = RandomAccess.Read(file, bytes.AsSpan(read), offset + read)) > 0; read += more)
        {
        }

        return read == length ? bytes : null;
    }

    private static long[] Packed(ProtoField field)
    {
        var sizes = new List<long>();
        var (size, shift) = (0L, 0);
        foreach (var part in field.Bytes.Span)
        {
            size |= (part & 0x7FL) << shift;
            shift += 7;
            if (part < 0x80)
            {
                sizes.Add(size);
                (size, shift) = (0, 0);
            }
        }

        return [.. sizes];
    }
}
