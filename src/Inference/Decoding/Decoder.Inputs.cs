using Microsoft.ML.OnnxRuntime;

namespace RouterGateway.Inference.Decoding;

internal sealed partial class Decoder
{
    /// <summary>Makes the inputs of some tokens, in the order of <see cref="DecoderContract.TextInputs"/>.</summary>
    /// <param name="inputs">Receives them.</param>
    /// <param name="pastTokens">Tokens that stand before.</param>
    /// <param name="tokens">One or more.</param>
    public void AddText(RunInputs inputs, int pastTokens, ReadOnlySpan<int> tokens)
    {
        var ids = new long[tokens.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[i];
        }

        using var embedded = _embedding is null ? null : Embed(ids);
        foreach (var name in Contract.TextInputs)
        {
            inputs.Add(DecoderContract.CreateInput(name, pastTokens, ids)
                ?? (name == DecoderContract.Embeddings ? embedded!.Take(name) : Fit(embedded!.Take(name), Contract.PerLayerShape, inputs)));
        }
    }

    private EmbeddedTokens Embed(long[] ids)
    {
        using var input = DecoderContract.Row(ids);
        using var options = new RunOptions();
        var names = Contract.TextInputs.Where(static name => name is DecoderContract.Embeddings or DecoderContract.PerLayer).ToArray();
        return new EmbeddedTokens(names, [.. _embedding!.Session.Run(options, [DecoderContract.TokenIds], [input], names)]);
    }

    // Some exports fold layers and width into one dimension in one graph and not in the other: the same values in the same order.
    private static OrtValue Fit(OrtValue perLayer, int[] wanted, RunInputs owner)
    {
        var info = perLayer.GetTensorTypeAndShape();
        if (info.Shape.Length == wanted.Length)
        {
            return perLayer;
        }

        owner.Own(perLayer);
        long[] shape = wanted.Length == 3
            ? [info.Shape[0], info.Shape[1], info.Shape[2] * info.Shape[3]]
            : [info.Shape[0], info.Shape[1], wanted[2], info.Shape[2] / wanted[2]];
        var bytes = perLayer.GetTensorMutableRawData();
        unsafe
        {
            fixed (byte* start = bytes)
            {
                return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, info.ElementDataType, shape, (nint)start, bytes.Length); // native memory: it does not move
            }
        }
    }
}
