namespace RouterGateway.Inference.Onnx;

/// <summary>Who makes and who reads the tensors of a graph. Nodes are as they were when it was made.</summary>
internal sealed class GraphIndex
{
    private const int AttributeTensor = 5;
    private const int AttributeGraph = 6;

    private readonly ILookup<string, (GraphNode Node, int Input)> _readers;
    private readonly Dictionary<string, GraphNode> _makers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProtoMessage> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ProtoMessage> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs;

    public GraphIndex(ProtoMessage graph)
    {
        Nodes = [.. graph.Fields.Index().Where(static field => field.Item.Number == OnnxProto.GraphNode).Select(static field => new GraphNode(field.Index, field.Item.Message))];
        foreach (var node in Nodes)
        {
            Array.ForEach(node.Outputs, output => _makers[output] = node);
        }

        foreach (var tensor in graph.All(OnnxProto.GraphInitializer).Select(static field => field.Message))
        {
            _initializers[tensor.Text(OnnxProto.TensorName)] = tensor;
        }

        foreach (var input in graph.All(OnnxProto.GraphInput).Select(static field => field.Message))
        {
            _inputs[input.Text(OnnxProto.ValueName)] = input;
        }

        _readers = Nodes.SelectMany(static node => Reads(node).Select(read => (read.Name, Reader: (node, read.Input)))).ToLookup(static read => read.Name, static read => read.Reader, StringComparer.Ordinal);
        _outputs = [.. graph.All(OnnxProto.GraphOutput).Select(static field => field.Message.Text(OnnxProto.ValueName))];
    }

    /// <summary>The nodes, in order.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Whether the graph gives a tensor out.</summary>
    public bool IsOutput(string name) => _outputs.Contains(name);

    /// <summary>The node that makes a tensor; null when it is an input or a weight.</summary>
    public GraphNode? MakerOf(string name) => _makers.GetValueOrDefault(name);

    /// <summary>The nodes that read a tensor, and as which of their inputs: -1 from a graph inside of the node.</summary>
    public IEnumerable<(GraphNode Node, int Input)> ReadersOf(string name) => _readers[name];

    /// <summary>A weight; null when the name is not that of one.</summary>
    public ProtoMessage? Initializer(string name) => _initializers.GetValueOrDefault(name);

    /// <summary>The weight that a tensor is, perhaps of another type than it is stored in.</summary>
    /// <returns>As it is stored, and its element type as it is read; null when the tensor is computed from an input.</returns>
    public (ProtoMessage Tensor, int Type)? WeightOf(string name)
    {
        var type = 0; // not changed on the way
        for (var maker = MakerOf(name); maker is not null; maker = MakerOf(name))
        {
            if (maker.Operator == "Constant" && maker.Attribute("value")?.Last(AttributeTensor) is { } value)
            {
                return Typed(value.Message, type);
            }

            if (maker.Operator is not ("Cast" or "Identity"))
            {
                return null;
            }

            type = type == 0 && maker.Operator == "Cast" ? (int)maker.Integer("to") : type;
            name = maker.Inputs[0];
        }

        return Initializer(name) is { } initializer ? Typed(initializer, type) : null;
    }

    /// <summary>An input of the graph; null when the name is not that of one.</summary>
    public ProtoMessage? Input(string name) => _inputs.GetValueOrDefault(name);

    private static (ProtoMessage Tensor, int Type) Typed(ProtoMessage tensor, int type) => (tensor, type > 0 ? type : (int)(tensor.Last(OnnxProto.TensorDataType)?.Value ?? 0));

    private static IEnumerable<(string Name, int Input)> Reads(GraphNode node) =>
        node.Inputs.Index().Select(static input => (input.Item, input.Index)).Concat(InnerReads(node.Message).Select(static name => (name, -1)));

    private static IEnumerable<string> InnerReads(ProtoMessage node) => node.All(OnnxProto.NodeAttribute)
        .SelectMany(static attribute => attribute.Message.All(AttributeGraph))
        .SelectMany(static graph => graph.Message.All(OnnxProto.GraphNode).Select(static field => field.Message)
            .SelectMany(static inner => inner.All(OnnxProto.NodeInput).Select(static input => input.Text).Concat(InnerReads(inner)))
            .Concat(graph.Message.All(OnnxProto.GraphOutput).Select(static output => output.Message.Text(OnnxProto.ValueName))));
}
