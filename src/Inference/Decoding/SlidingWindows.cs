using RouterGateway.Inference.Onnx;

namespace RouterGateway.Inference.Decoding;

/// <summary>How far back the attention over each tensor of a KV cache looks.</summary>
internal static class SlidingWindows
{
    /// <summary>The window of attention that looks at all tokens.</summary>
    public const int Unbounded = int.MaxValue;

    private const int PastInput = 3; // of keys, then of values
    private const int PresentOutput = 1;

    /// <summary>Reads the windows of a decoder's graph.</summary>
    /// <returns>Tokens, the newest included, by the name of the past; a tensor that is not there is read in another way, all of it perhaps.</returns>
    public static IReadOnlyDictionary<string, int> Read(ProtoMessage graph)
    {
        var windows = new Dictionary<string, int>(StringComparer.Ordinal);
        var pasts = new Dictionary<string, string>(StringComparer.Ordinal); // by present: a layer that shares a cache reads the present of its owner
        foreach (var node in graph.All(OnnxProto.GraphNode).Select(static field => field.Message).Where(static node => node.Text(OnnxProto.NodeOperator) == "GroupQueryAttention"))
        {
            var inputs = node.All(OnnxProto.NodeInput).Select(static input => input.Text).ToArray();
            var outputs = node.All(OnnxProto.NodeOutput).Select(static output => output.Text).ToArray();
            var window = node.All(OnnxProto.NodeAttribute).Select(static field => field.Message).FirstOrDefault(static attribute => attribute.Text(OnnxProto.AttributeName) == "local_window_size")?.Last(3)?.Value;
            for (var half = 0; half < 2 && inputs.Length > PastInput + half; half++)
            {
                var past = pasts.GetValueOrDefault(inputs[PastInput + half], inputs[PastInput + half]);
                windows[past] = Math.Max(windows.GetValueOrDefault(past), window is > 0 and < Unbounded ? (int)window : Unbounded);
                if (outputs.Length > PresentOutput + half)
                {
                    pasts[outputs[PresentOutput + half]] = past;
                }
            }
        }

        return windows;
    }
}
