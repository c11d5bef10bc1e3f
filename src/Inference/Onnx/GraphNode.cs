namespace RouterGateway.Inference.Onnx;

/// <summary>A node of a graph.</summary>
/// <param name="Field">Which field of the graph it is.</param>
/// <param name="Message">The node.</param>
internal sealed record GraphNode(int Field, ProtoMessage Message)
{
    private const int AttributeInteger = 3;

    /// <summary>The operator.</summary>
    public string Operator { get; } = Message.Text(OnnxProto.NodeOperator);

    /// <summary>Names; empty where an input is left out.</summary>
    public string[] Inputs { get; } = [.. Message.All(OnnxProto.NodeInput).Select(static input => input.Text)];

    /// <summary>Names; empty where an output is left out.</summary>
    public string[] Outputs { get; } = [.. Message.All(OnnxProto.NodeOutput).Select(static output => output.Text)];

    /// <summary>An attribute; null when the node does not have it.</summary>
    public ProtoMessage? Attribute(string name) =>
        Message.All(OnnxProto.NodeAttribute).Select(static attribute => attribute.Message).FirstOrDefault(attribute => attribute.Text(OnnxProto.AttributeName) == name);

    /// <summary>An integer attribute; zero when the node does not have it.</summary>
    public long Integer(string name) => (long)(Attribute(name)?.Last(AttributeInteger)?.Value ?? 0);
}
