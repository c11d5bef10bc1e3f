using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>What the KV cache of a decoder holds per token, read from its graph and never from a configuration file.</summary>
/// <param name="BytesPerToken">Bytes of all layers for one token of one sequence, scales of its own included.</param>
/// <param name="Precision">How the values are stored.</param>
/// <param name="Layers">Number of layers that own a cache.</param>
/// <param name="SlidingBytesPerToken">Those of the bytes that only attention within a window reads.</param>
/// <param name="WindowTokens">The longest of these windows; 0 when there is none.</param>
/// <param name="Copies">How many of each tensor there are while a token is added: 2 when that makes a new one.</param>
internal sealed record KvCacheLayout(long BytesPerToken, KvCachePrecision Precision, int Layers, long SlidingBytesPerToken = 0, int WindowTokens = 0, int Copies = 1)
{
    private const long MostInOne = 1 << 20; // heads, or values of a head

    /// <summary>Bytes of a sequence of which sliding layers keep all, or only what their windows reach.</summary>
    public long BytesOf(int tokens, bool windowsOnly) => Copies * (windowsOnly
        ? ((BytesPerToken - SlidingBytesPerToken) * tokens) + (SlidingBytesPerToken * Math.Min(tokens, WindowTokens + KvSequence.TokensBeyondWindow))
        : BytesPerToken * tokens);

    /// <summary>Longest sequence that some bytes hold.</summary>
    public long LongestSequence(long bytes)
    {
        var inWindows = WindowTokens + KvSequence.TokensBeyondWindow;
        bytes /= Copies;
        return SlidingBytesPerToken == 0 || bytes <= BytesPerToken * inWindows ? bytes / BytesPerToken
            : SlidingBytesPerToken == BytesPerToken ? int.MaxValue
            : (bytes - (SlidingBytesPerToken * inWindows)) / (BytesPerToken - SlidingBytesPerToken);
    }

    /// <summary>The same cache where sliding layers cannot let go of anything.</summary>
    public KvCacheLayout WithoutWindows() => this with { SlidingBytesPerToken = 0, WindowTokens = 0 };

    /// <summary>Reads the layout from a decoder's graph.</summary>
    /// <param name="modelPath">The .onnx file.</param>
    /// <exception cref="InvalidDataException">The file is not a decoder with a KV cache of fixed width.</exception>
    public static KvCacheLayout Read(string modelPath)
    {
        using var file = new MappedFile(modelPath);
        return Read(file.Memory);
    }

    /// <summary>Reads the layout from the bytes of a decoder's graph.</summary>
    /// <exception cref="InvalidDataException">It is not a decoder with a KV cache of fixed width.</exception>
    public static KvCacheLayout Read(ReadOnlyMemory<byte> model)
    {
        var graph = ProtoMessage.Parse(model).Last(OnnxProto.ModelGraph) ?? throw new InvalidDataException("it holds no graph");
        var windows = SlidingWindows.Read(graph.Message);
        var (bytesPerToken, slidingBytes, longestWindow) = (0L, 0L, 0);
        var tensors = 0;
        var precision = KvCachePrecision.None;
        foreach (var input in graph.Message.All(OnnxProto.GraphInput).Select(static field => field.Message))
        {
            var name = input.Text(OnnxProto.ValueName);
            if (!DecoderContract.IsPast(name))
            {
                continue;
            }

            tensors++;
            var (elementType, shape) = OnnxProto.TypeOf(input);
            if (shape is not [_, > 0 and < MostInOne and var heads, _, > 0 and < MostInOne and var width])
            {
                throw new InvalidDataException($"input \"{name}\" has no fixed heads and width");
            }

            var bytes = ElementBytes(elementType, name) * heads * width;
            bytesPerToken += bytes;
            if (windows.TryGetValue(name, out var window) && window != SlidingWindows.Unbounded)
            {
                (slidingBytes, longestWindow) = (slidingBytes + bytes, Math.Max(longestWindow, window));
            }

            precision = elementType switch
            {
                OnnxProto.Int8 => name.EndsWith(QuantisedPast.ValuesSuffix, StringComparison.Ordinal) ? KvCachePrecision.Int8PerTokenHead : KvCachePrecision.Int8,
                OnnxProto.Uint8 => KvCachePrecision.Int4,
                _ => precision,
            };
        }

        return tensors > 0
            ? new KvCacheLayout(bytesPerToken, precision, tensors / (precision == KvCachePrecision.Int8PerTokenHead ? 4 : 2), slidingBytes, longestWindow) // keys and values, and their scales
            : throw new InvalidDataException("it has no inputs \"past_key_values...\": it is no decoder with a KV cache");
    }

    private static long ElementBytes(int elementType, string name) => elementType switch
    {
        OnnxProto.Float => 4,
        OnnxProto.Float16 or 16 => 2, // and bfloat16
        OnnxProto.Uint8 or OnnxProto.Int8 or (>= 17 and <= 20) => 1, // two int4 values to a byte; and the float8 kinds
        _ => throw new InvalidDataException($"input \"{name}\" has element type {elementType}, which is no KV cache"),
    };
}
