using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>
/// Writes decoders of Gemma 4's shape with seeded random weights: sliding and full layers of different widths and KV heads, layers that share
/// the KV cache of an earlier one, per-layer embeddings, capped logits.
/// </summary>
/// <param name="split">Two graphs, one that embeds tokens and one that decodes, rather than one.</param>
/// <param name="half">float16 rather than float32.</param>
/// <param name="external">Weights stand in a file of their own beside the graph.</param>
/// <param name="flatPerLayer">The decoder takes [1, tokens, layers * width], the other graph gives [1, tokens, layers, width].</param>
/// <param name="outliers">Some channels of the keys are many times as large as others, and those of the queries as much smaller.</param>
/// <param name="writtenOut">Norms of queries and keys are a product with their weight rather than one operator.</param>
/// <param name="bits">Weights of matrices are rounded to 4 bits (blocks of 32) or 8 bits (columns); 0: not at all.</param>
/// <param name="packed">They are stored so, as MatMulNBits or DequantizeLinear reads them, rather than as the float values that result.</param>
internal sealed class TinyGemma(
    bool split = false, bool half = false, bool external = false, bool flatPerLayer = false, bool outliers = false, bool writtenOut = false, int bits = 0, bool packed = false)
{
    public const int Vocabulary = 4096; // of the shipped tokenizers
    private const int Layers = 6;
    private const int SharedLayers = 2;
    private const int Hidden = 48;
    private const int Heads = 4;
    private const int Inner = 96;
    private const int PerLayer = 8;
    private const int Window = 24;
    private const int Positions = 2048;
    private const float Cap = 30;
    private const int BlockRows = 32;

    private readonly Random _random = new(7);
    private readonly float[][] _outliers = [Outliers(16), Outliers(32)]; // by kind of layer
    private readonly int _type = half ? OnnxProto.Float16 : OnnxProto.Float;
    private List<ProtoField> _nodes = [];
    private List<ProtoField> _initializers = [];
    private List<ProtoField> _values = [];
    private int _names;

    /// <summary>Writes the graphs and a shipped tokenizer to a folder.</summary>
    public TemporaryFolder Write()
    {
        var folder = new TemporaryFolder();
        foreach (var file in new[] { "tokenizer.json", "tokenizer_config.json", "config.json" })
        {
            File.Copy(Path.Combine(Repository.Model("sample-coding"), file), folder.File(file));
        }

        if (split)
        {
            Directory.CreateDirectory(folder.File("onnx"));
            Embed();
            Input("input_ids", OnnxProto.Int64, 1, -1);
            Output("inputs_embeds", _type, 1, -1, Hidden);
            Output("per_layer_inputs", _type, 1, -1, Layers, PerLayer);
            Save(folder.File("onnx/embed_tokens_q4.onnx"));
            Input("inputs_embeds", _type, 1, -1, Hidden);
            Input("per_layer_inputs", _type, flatPerLayer ? [1, -1, Layers * PerLayer] : [1, -1, Layers, PerLayer]);
            Input("attention_mask", OnnxProto.Int64, 1, -1);
            Input("position_ids", OnnxProto.Int64, 1, -1);
            Input("num_logits_to_keep", OnnxProto.Int64);
            Decode();
            Save(folder.File("onnx/decoder_model_merged_q4.onnx"));
            return folder;
        }

        Input("input_ids", OnnxProto.Int64, 1, -1);
        Input("attention_mask", OnnxProto.Int64, 1, -1);
        Embed();
        Decode();
        Save(folder.File("model.onnx"));
        return folder;
    }

    private void Embed()
    {
        Op("Mul", [Op("Gather", [Weights(0.14f, Vocabulary, Hidden), "input_ids"]), Scalar(MathF.Sqrt(Hidden))], "inputs_embeds");
        var perLayer = Op("Mul", [Op("Gather", [Weights(0.35f, Vocabulary, Layers * PerLayer), "input_ids"]), Scalar(MathF.Sqrt(PerLayer))]);
        Op("Reshape", [perLayer, Integers(0, 0, Layers, PerLayer)], "per_layer_inputs");
    }

    private void Decode()
    {
        var mask = Op("Cast", ["attention_mask"], null, OnnxProto.Attribute("to", OnnxProto.Int32));
        var one = Constant(OnnxProto.Tensor(Name(), OnnxProto.Int32, BitConverter.GetBytes(1)));
        var lengths = Op("Sub", [Op("ReduceSum", [mask, Integers(1)], null, OnnxProto.Attribute("keepdims", 0)), one]);
        var total = Op("Cast", [Op("Gather", [Op("Shape", ["attention_mask"]), Constant(OnnxProto.Tensor(Name(), [1L]))])], null, OnnxProto.Attribute("to", OnnxProto.Int32));
        var rotations = new[] { Rotation(16, 1e4, 1), Rotation(32, 1e6, 0.25) };
        var perLayer = Op("Reshape", ["per_layer_inputs", Integers(0, 0, Layers, PerLayer)]);
        var sources = new (string Key, string Value)[2]; // the newest cache of each kind of layer
        var x = "inputs_embeds";
        for (var layer = 0; layer < Layers; layer++)
        {
            var kind = layer % 3 == 2 ? 1 : 0; // full every third
            x = Op("Add", [x, Norm(Attend(layer, kind, Norm(x, Hidden), [lengths, total, .. rotations[kind]], sources), Hidden)]);
            var h = Norm(x, Hidden);
            var inner = Op("Mul", [Op("Sigmoid", [Linear(h, Hidden, Inner)]), Linear(h, Hidden, Inner)]);
            x = Op("Add", [x, Norm(Linear(inner, Inner, Hidden), Hidden)]);
            var own = Op("Gather", [perLayer, Constant(OnnxProto.Tensor(Name(), [(long)layer]))], null, OnnxProto.Attribute("axis", 2));
            x = Op("Add", [x, Norm(Linear(Op("Mul", [Op("Tanh", [Linear(x, Hidden, PerLayer)]), own]), PerLayer, Hidden), Hidden)]);
        }

        x = Norm(x, Hidden);
        if (split)
        {
            x = Op("Slice", [x, Op("Neg", [Op("Unsqueeze", ["num_logits_to_keep", Integers(0)])]), Integers(int.MaxValue), Integers(1)]);
        }

        var logits = Op("Tanh", [Op("Div", [Linear(x, Hidden, Vocabulary, 3), Scalar(Cap)])]);
        Op("Mul", [logits, Scalar(Cap)], "logits");
        Output("logits", _type, 1, -1, Vocabulary);
    }

    private string Attend(int layer, int kind, string x, string[] places, (string Key, string Value)[] sources)
    {
        var (width, heads) = kind == 1 ? (32, 1) : (16, 2);
        var query = Op("Reshape", [Norm(Op("Reshape", [Linear(x, Hidden, Heads * width), Integers(0, 0, Heads, width)]), width, 2 / MathF.Sqrt(width), [.. _outliers[kind].Select(static size => 1 / size)]), Integers(0, 0, Heads * width)]);
        string key, value, pastKey, pastValue;
        var (presentKey, presentValue) = ($"shared.{layer}.key", $"shared.{layer}.value");
        if (layer >= Layers - SharedLayers)
        {
            var shape = Op("Concat", [Integers(1, 0), Integers(heads * width)], null, OnnxProto.Attribute("axis", 0));
            key = value = Op("ConstantOfShape", [shape], null, OnnxProto.Attribute("value", OnnxProto.Tensor("", _type, new byte[half ? 2 : 4], 1)));
            (pastKey, pastValue) = sources[kind];
        }
        else
        {
            var projected = Linear(x, Hidden, heads * width);
            key = Op("Reshape", [Norm(Op("Reshape", [projected, Integers(0, 0, heads, width)]), width, 1, _outliers[kind]), Integers(0, 0, heads * width)]);
            value = kind == 1 ? projected : Linear(x, Hidden, heads * width); // full layers take their values from the keys
            (pastKey, pastValue) = ($"past_key_values.{layer}.key", $"past_key_values.{layer}.value");
            (presentKey, presentValue) = ($"present.{layer}.key", $"present.{layer}.value");
            Array.ForEach([pastKey, pastValue], name => Input(name, _type, 1, heads, -1, width));
            Array.ForEach([presentKey, presentValue], name => Output(name, _type, 1, heads, -1, width));
            sources[kind] = (presentKey, presentValue);
        }

        var attended = Name();
        _nodes.Add(ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node(
            "GroupQueryAttention",
            [query, key, value, pastKey, pastValue, .. places],
            [attended, presentKey, presentValue],
            "com.microsoft",
            OnnxProto.Attribute("num_heads", Heads),
            OnnxProto.Attribute("kv_num_heads", heads),
            OnnxProto.Attribute("scale", 1f),
            OnnxProto.Attribute("do_rotary", 1),
            OnnxProto.Attribute("local_window_size", kind == 1 ? -1 : Window))));
        return Linear(attended, Heads * width, Hidden);
    }

    private string[] Rotation(int width, double theta, double part)
    {
        var (cosines, sines) = (new float[Positions * width / 2], new float[Positions * width / 2]);
        for (var i = 0; i < cosines.Length; i++)
        {
            var (position, pair) = (i / (width / 2), i % (width / 2));
            var angle = pair < part * width / 2 ? position / Math.Pow(theta, 2.0 * pair / width) : 0;
            (cosines[i], sines[i]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }

        return [Constant(Floats(cosines, Positions, width / 2)), Constant(Floats(sines, Positions, width / 2))];
    }

    private string Norm(string x, int width, float gain = 1, float[]? sizes = null)
    {
        float[] weights = [.. Enumerable.Range(0, width).Select(i => gain * (1 + (0.2f * Normal())) * (outliers && sizes is not null ? sizes[i] : 1))];
        var weight = Constant(Floats(weights, width));
        if (writtenOut && sizes is not null)
        {
            var unit = Constant(Floats([.. Enumerable.Repeat(1f, width)], width));
            var cast = Op("Cast", [weight], null, OnnxProto.Attribute("to", _type)); // as where weights are stored in another type
            return Op("Mul", [cast, Normalised(x, unit)]);
        }

        return Normalised(x, weight);
    }

    private string Normalised(string x, string weight) => Op(
        "SimplifiedLayerNormalization",
        [x, weight],
        null,
        OnnxProto.Attribute("axis", -1),
        OnnxProto.Attribute("epsilon", 1e-6f),
        OnnxProto.Attribute("stash_type", 1));

    // exp of normally distributed numbers; the channels that are turned together differ, too.
    private static float[] Outliers(int width)
    {
        var random = new Random(width);
        return [.. Enumerable.Range(0, width).Select(_ => MathF.Exp(MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle())) * MathF.Cos(2 * MathF.PI * random.NextSingle())))];
    }

    private string Linear(string x, int from, int to, float gain = 1)
    {
        var values = Values(gain / MathF.Sqrt(from), from * to); // [from, to]
        if (bits == 0)
        {
            return Op("MatMul", [x, Constant(Floats(values, from, to))]);
        }

        // A scale for each block of rows of a column; in float16 it is what float16 makes of it.
        var blockRows = bits == 4 ? BlockRows : from;
        var blocks = (from + blockRows - 1) / blockRows;
        var (scales, rounded) = (new float[to * blocks], new sbyte[values.Length]);
        for (var block = 0; block < scales.Length; block++)
        {
            var (column, first) = (block / blocks, block % blocks * blockRows);
            var rows = Enumerable.Range(first, Math.Min(blockRows, from - first)).Select(row => (row * to) + column).ToArray();
            var scale = rows.Max(at => Math.Abs(values[at])) / (bits == 4 ? 7 : 127);
            scales[block] = half ? (float)(Half)scale : scale;
            Array.ForEach(rows, at => values[at] = (rounded[at] = (sbyte)MathF.Round(values[at] / scales[block])) * scales[block]);
        }

        return !packed ? Op("MatMul", [x, Constant(Floats(values, from, to))])
            : bits == 4 ? MatMulNBits(x, from, to, blocks, rounded, scales)
            : Op("MatMul", [x, Op("DequantizeLinear", [Constant(OnnxProto.Tensor(Name(), OnnxProto.Int8, System.Runtime.InteropServices.MemoryMarshal.AsBytes<sbyte>(rounded), from, to)), Constant(Floats(scales, to))], null, OnnxProto.Attribute("axis", 1))]);
    }

    // Two values to a byte, each 8 more than it stands for.
    private string MatMulNBits(string x, int from, int to, int blocks, sbyte[] rounded, float[] scales)
    {
        var bytes = new byte[to * blocks * BlockRows / 2];
        Array.Fill(bytes, (byte)0x88);
        for (var at = 0; at < rounded.Length; at++)
        {
            var (row, column) = (at / to, at % to);
            var place = (column * blocks * BlockRows) + row;
            var value = (byte)(rounded[at] + 8);
            bytes[place / 2] = place % 2 == 0 ? (byte)((bytes[place / 2] & 0xF0) | value) : (byte)((bytes[place / 2] & 0x0F) | (value << 4));
        }

        var output = Name();
        _nodes.Add(ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node(
            "MatMulNBits",
            [x, Constant(OnnxProto.Tensor(Name(), OnnxProto.Uint8, bytes, to, blocks, BlockRows / 2)), Constant(Floats(scales, to * blocks))],
            [output],
            "com.microsoft",
            OnnxProto.Attribute("K", from),
            OnnxProto.Attribute("N", to),
            OnnxProto.Attribute("bits", 4),
            OnnxProto.Attribute("block_size", BlockRows))));
        return output;
    }

    private string Weights(float gain, int rows, int columns) => Constant(Floats(Values(gain, rows * columns), rows, columns));

    private float[] Values(float gain, int count) => [.. Enumerable.Range(0, count).Select(_ => gain * Normal())];

    private float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle())) * MathF.Cos(2 * MathF.PI * _random.NextSingle());

    private string Scalar(float value) => Constant(Floats([value]));

    private string Integers(params long[] values) => Constant(OnnxProto.Tensor(Name(), values, values.Length));

    private ProtoMessage Floats(float[] values, params long[] shape) => half
        ? OnnxProto.Tensor(Name(), OnnxProto.Float16, System.Runtime.InteropServices.MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, static value => (Half)value)), shape)
        : OnnxProto.Tensor(Name(), values, shape);

    private string Constant(ProtoMessage tensor)
    {
        _initializers.Add(ProtoField.Of(OnnxProto.GraphInitializer, tensor));
        return tensor.Text(OnnxProto.TensorName);
    }

    private string Op(string type, string[] inputs, string? output = null, params ProtoMessage[] attributes)
    {
        output ??= Name();
        _nodes.Add(ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node(type, inputs, [output], "", attributes)));
        return output;
    }

    private string Name() => "t" + _names++;

    private void Input(string name, int type, params long[] shape) => _values.Add(ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value(name, type, shape)));

    private void Output(string name, int type, params long[] shape) => _values.Add(ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value(name, type, shape)));

    // TensorProto: raw_data (9) becomes external_data (13) of location, offset and length, and data_location (14) EXTERNAL.
    private void MoveWeights(string path)
    {
        using var file = File.Create(path);
        _initializers = [.. _initializers.Select(field =>
        {
            var tensor = field.Message;
            var bytes = tensor.Last(9)!.Value.Bytes;
            if (bytes.Length < 64)
            {
                return field;
            }

            tensor.Fields.RemoveAll(static part => part.Number == 9);
            tensor.Fields.AddRange([Entry("location", Path.GetFileName(path)), Entry("offset", $"{file.Position}"), Entry("length", $"{bytes.Length}"), ProtoField.Of(14, 1)]);
            file.Write(bytes.Span);
            return ProtoField.Of(OnnxProto.GraphInitializer, tensor);
        })];

        static ProtoField Entry(string key, string value) => ProtoField.Of(13, OnnxProto.Message(ProtoField.Of(1, key), ProtoField.Of(2, value)));
    }

    private void Save(string path)
    {
        if (external)
        {
            MoveWeights(path + "_data");
        }

        var graph = OnnxProto.Message([.. _nodes, ProtoField.Of(2, "tiny"), .. _initializers, .. _values]);
        File.WriteAllBytes(path, OnnxProto.Model(graph).ToBytes());
        (_nodes, _initializers, _values) = ([], [], []);
    }
}
