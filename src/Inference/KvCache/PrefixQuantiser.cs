using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML.OnnxRuntime;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.KvCache;

/// <summary>Quantises keys and values to int8 with a scale for every token and head, on the device where they lie.</summary>
/// <remarks>A graph rather than code, so that a prefix on a GPU never leaves it.</remarks>
internal sealed class PrefixQuantiser : IDisposable
{
    private const float Least = 1e-8f; // of a row of zeros
    private readonly OnnxSession _session;
    private readonly OrtMemoryInfo _memory;

    /// <param name="type">Element type of what is quantised.</param>
    /// <param name="decoder">The decoder's file, which a failure names.</param>
    /// <param name="device">Where.</param>
    /// <param name="memory">Where the results shall lie.</param>
    public PrefixQuantiser(int type, string decoder, DevicePreference device, OrtMemoryInfo memory)
    {
        _session = OnnxSession.Open(OnnxProto.Model(Graph(type)).ToBytes(), decoder, device, cpuThreads: 1, NullLogger.Instance);
        _memory = memory;
    }

    /// <summary>Quantises a tensor [1, heads, tokens, width].</summary>
    /// <returns>int8 of the same shape, and float32 [1, heads, tokens, 1]; the caller owns both.</returns>
    public (OrtValue Values, OrtValue Scale) Quantise(OrtValue tensor)
    {
        using var binding = _session.Session.CreateIoBinding();
        using var options = new RunOptions();
        binding.BindInput("x", tensor);
        binding.BindOutputToDevice("values", _memory);
        binding.BindOutputToDevice("scale", _memory);
        _session.Session.RunWithBinding(options, binding);
        var outputs = binding.GetOutputValues();
        return (outputs[0], outputs[1]);
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static ProtoMessage Graph(int type)
    {
        var graph = new ProtoMessage();
        graph.Fields.AddRange([
            ProtoField.Of(2, "quantiser"),
            ProtoField.Of(OnnxProto.GraphInput, OnnxProto.Value("x", type, 1, -1, -1, -1)),
            ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value("values", OnnxProto.Int8, 1, -1, -1, -1)),
            ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value("scale", OnnxProto.Float, 1, -1, -1, 1)),
            ProtoField.Of(OnnxProto.GraphInitializer, OnnxProto.Tensor("width", [3L], 1)),
            ProtoField.Of(OnnxProto.GraphInitializer, OnnxProto.Tensor("least", [Least])),
            ProtoField.Of(OnnxProto.GraphInitializer, OnnxProto.Tensor("step", [1f / sbyte.MaxValue]))]);
        Add("Cast", ["x"], "float", OnnxProto.Attribute("to", OnnxProto.Float));
        Add("Abs", ["float"], "magnitude");
        Add("ReduceMax", ["magnitude", "width"], "largest", OnnxProto.Attribute("keepdims", 1));
        Add("Max", ["largest", "least"], "range");
        Add("Mul", ["range", "step"], "scale");
        Add("Div", ["float", "scale"], "scaled");
        Add("Round", ["scaled"], "rounded");
        Add("Cast", ["rounded"], "values", OnnxProto.Attribute("to", OnnxProto.Int8));
        return graph;

        void Add(string op, string[] inputs, string output, params ProtoMessage[] attributes) =>
            graph.Fields.Add(ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node(op, inputs, [output], "", attributes)));
    }
}
