using System.Text.RegularExpressions;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Tests.Support;

/// <summary>A copy of a shipped model whose answers never end by themselves: its end tokens are ids it never chooses, and its context is so
/// long that no test waits for the end of it.</summary>
internal static partial class EndlessModel
{
    /// <summary>Tokens that the graphs of the shipped models know positions of.</summary>
    public const int ShippedPositions = 2048;

    private const int CosineInput = 7;

    public static TemporaryFolder Create(string model = "sample-coding", int contextTokens = 64 * ShippedPositions)
    {
        var folder = TemporaryFolder.CopyOf(model);
        foreach (var file in new[] { "genai_config.json", "generation_config.json", "config.json" })
        {
            var text = EndTokens().Replace(File.ReadAllText(folder.File(file)), "\"eos_token_id\": [0]");
            File.WriteAllText(folder.File(file), text.Replace($"\"context_length\": {ShippedPositions}", $"\"context_length\": {contextTokens}", StringComparison.Ordinal));
        }

        var graph = OnnxGraph.Edit(folder.File("model.onnx"), graph => RepeatPositions(graph, contextTokens / ShippedPositions));
        File.WriteAllBytes(folder.File("model.onnx"), graph);
        return folder;
    }

    // The cosines and sines of later positions are those of the first again: what the model says matters to nobody.
    private static void RepeatPositions(ProtoMessage graph, int times)
    {
        var names = graph.All(OnnxProto.GraphNode).Select(static node => node.Message).Where(static node => node.Text(OnnxProto.NodeOperator) == "GroupQueryAttention")
            .SelectMany(static node => node.All(OnnxProto.NodeInput).Skip(CosineInput).Take(2)).Select(static input => input.Text).ToHashSet();
        for (var i = 0; i < graph.Fields.Count; i++)
        {
            if (graph.Fields[i].Number == OnnxProto.GraphInitializer && graph.Fields[i].Message is var tensor && names.Contains(tensor.Text(OnnxProto.TensorName)))
            {
                var bytes = tensor.Last(9)!.Value.Bytes.ToArray(); // raw_data
                var width = bytes.Length / sizeof(float) / ShippedPositions;
                graph.Fields[i] = ProtoField.Of(
                    OnnxProto.GraphInitializer,
                    OnnxProto.Tensor(tensor.Text(OnnxProto.TensorName), OnnxProto.Float, Enumerable.Repeat(bytes, times).SelectMany(static part => part).ToArray(), ShippedPositions * times, width));
            }
        }
    }

    [GeneratedRegex("\"eos_token_id\":\\s*(\\[[^]]*\\]|\\d+)")]
    private static partial Regex EndTokens();
}
