namespace RouterGateway.Inference.Onnx;

/// <summary>Edits the graph of a model file: its protobuf only, external data stays where it is.</summary>
internal static class OnnxGraph
{
    /// <summary>Returns the model with its graph edited.</summary>
    /// <exception cref="InvalidDataException">It is not an ONNX file, or the edit does not fit it.</exception>
    public static byte[] Edit(string modelPath, Action<ProtoMessage> edit)
    {
        using var file = new MappedFile(modelPath);
        var model = ProtoMessage.Parse(file.Memory);
        var at = model.Fields.FindLastIndex(static field => field.Number == OnnxProto.ModelGraph);
        var graph = at < 0 ? throw new InvalidDataException("it holds no graph") : model.Fields[at].Message;
        edit(graph);
        model.Fields[at] = ProtoField.Of(OnnxProto.ModelGraph, graph);
        return model.ToBytes();
    }
}
