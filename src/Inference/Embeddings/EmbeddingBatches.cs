namespace RouterGateway.Inference.Embeddings;

/// <summary>Divides the inputs of a request into runs of the model.</summary>
internal static class EmbeddingBatches
{
    private const int MaxRows = 32;

    // Padding included; what bounds the memory of a run, and how long others wait for its end.
    private const int MaxTokens = 4096;

    /// <summary>Most inputs that a run of a model takes.</summary>
    /// <param name="dtype">Kind of the weights, as <see cref="Hub.ModelInspection.Dtype"/> has it.</param>
    // Models with int8 arithmetic find the scale of their activations at run time, one for all rows: an input's embedding would depend on
    // its neighbours.
    public static int RowsPerRun(string? dtype) => dtype is "int8" or "q8" or "uint8" ? 1 : MaxRows;

    /// <summary>Puts inputs of like lengths together, so that little is padded.</summary>
    /// <returns>The indexes of the inputs, each in one run.</returns>
    public static List<int[]> Divide(IReadOnlyList<int[]> inputs, int rowsPerRun)
    {
        var order = Enumerable.Range(0, inputs.Count).OrderBy(i => inputs[i].Length).ToArray();
        var batches = new List<int[]>();
        var start = 0;
        for (var i = 1; i <= order.Length; i++)
        {
            var rows = i - start;
            if (i == order.Length || rows == rowsPerRun || (rows + 1) * inputs[order[i]].Length > MaxTokens) // the next is the longest so far
            {
                batches.Add(order[start..i]);
                start = i;
            }
        }

        return batches;
    }
}
