using System.Globalization;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Hub;

/// <summary>The KV cache of one layer.</summary>
/// <param name="Layer">Its number.</param>
/// <param name="Heads">KV heads.</param>
/// <param name="Width">Values of one head.</param>
/// <param name="ElementType">How they are stored: float32, float16, bfloat16, int8 or int4.</param>
public sealed record KvLayer(int Layer, int Heads, int Width, string ElementType)
{
    internal static KvLayer[] Of(GraphFacts decoder) =>
    [
        .. decoder.PlainKvCache.Zip(decoder.KvCache).Where(static pair => IsKey(pair.First.Name))
            .Select(static (pair, index) => new KvLayer(
                int.TryParse(pair.First.Name.Split('.').FirstOrDefault(static part => part.All(char.IsAsciiDigit)), CultureInfo.InvariantCulture, out var layer) ? layer : index,
                (int)pair.First.Shape[1], (int)pair.First.Shape[3], NameOf(pair.Second.Type)))
            .OrderBy(static layer => layer.Layer),
    ];

    // past_key_values.0.key, past.0.key, past_key_0
    private static bool IsKey(string name) => name.Replace("past_key_values", "", StringComparison.Ordinal).Contains("key", StringComparison.Ordinal);

    private static string NameOf(int type) => type switch
    {
        OnnxProto.Float => "float32",
        OnnxProto.Float16 => "float16",
        16 => "bfloat16",
        OnnxProto.Int8 => "int8",
        OnnxProto.Uint8 => "int4", // two to a byte
        _ => $"type {type}",
    };
}
