using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Scoring;
using RouterGateway.Inference.Tests.Support;

namespace RouterGateway.Inference.Tests.Decoding;

public sealed class KvSequenceTests
{
    private static readonly int[] _tokens = ScorerModels.Tokens(90, seed: 11);

    public static TheoryData<string> Layouts { get; } = [ScorerModels.Shipped, ScorerModels.Tiny, ScorerModels.TinyHalf, ScorerModels.TinySplit, ScorerModels.TinySplitFlat, ScorerModels.TinySplitExternal];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Append_InPieces_GivesTheLogitsOfAllAtOnce(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = Open(folder);
        using var whole = new KvSequence(decoder, 100);
        using var pieces = new KvSequence(decoder, 128);

        var expected = whole.Append(_tokens).ToArray();
        pieces.Append(_tokens.AsSpan(0, 37));
        pieces.Append(_tokens.AsSpan(37, 1));
        var actual = pieces.Append(_tokens.AsSpan(38)).ToArray();

        AssertNear(expected, actual, model);
        Assert.Equal(_tokens, pieces.Tokens.ToArray());
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void RewindTo_ThenOtherTokens_IsASequenceThatNeverWentThere(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = Open(folder);
        using var sequence = new KvSequence(decoder, 128);
        using var straight = new KvSequence(decoder, 128);

        sequence.Append(_tokens);
        sequence.RewindTo(40);
        var actual = sequence.Append(_tokens.AsSpan(60, 20)).ToArray();
        straight.Append(_tokens.AsSpan(0, 40));
        var expected = straight.Append(_tokens.AsSpan(60, 20)).ToArray();

        Assert.Equal(expected, actual);
        Assert.Equal((60, 90), (sequence.Tokens.Length, sequence.HeldTokens));
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.Tiny)]
    [InlineData(ScorerModels.TinyHalf)]
    [InlineData(ScorerModels.TinySplit)]
    public void CopyPrefix_GoesOnLikeTheOriginalAndLeavesItAlone(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = Open(folder);
        using var original = new KvSequence(decoder, 128);
        original.Append(_tokens.AsSpan(0, 60));

        using var copy = original.CopyPrefix(50, 300);
        var ofCopy = copy.Append(_tokens.AsSpan(50, 20)).ToArray();
        var ofOriginal = original.Append(_tokens.AsSpan(60, 10)).ToArray();

        original.RewindTo(50);
        Assert.Equal(original.Append(_tokens.AsSpan(50, 20)).ToArray(), ofCopy);
        original.RewindTo(60);
        Assert.Equal(original.Append(_tokens.AsSpan(60, 10)).ToArray(), ofOriginal);
    }

    [Fact]
    public void Append_AGraphThatMeasuresItsPast_SharesNoBufferAndIsRight()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var shared = Open(folder);
        File.WriteAllBytes(folder.File("model.onnx"), OnnxGraph.Edit(folder.File("model.onnx"), MeasurePast));
        using var growing = Open(folder);
        using var one = new KvSequence(shared, 128);
        using var other = new KvSequence(growing, 128);

        Assert.Equal((true, false), (shared.CanShareBuffers, growing.CanShareBuffers));
        one.Append(_tokens.AsSpan(0, 50));
        other.Append(_tokens.AsSpan(0, 50));
        Assert.Equal(one.Append(_tokens.AsSpan(50, 3)).ToArray(), other.Append(_tokens.AsSpan(50, 3)).ToArray());
        one.RewindTo(20);
        other.RewindTo(20);
        Assert.Equal(one.Append(_tokens.AsSpan(70, 5)).ToArray(), other.Append(_tokens.AsSpan(70, 5)).ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(51)]
    public void Append_NoTokensOrTooMany_IsRefused(int count)
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var decoder = Open(folder);
        using var sequence = new KvSequence(decoder, 60);
        sequence.Append(_tokens.AsSpan(0, 10));

        Assert.Throws<ArgumentException>(() => sequence.Append(_tokens.AsSpan(0, count)));
        Assert.Equal(10, sequence.Tokens.Length);
    }

    [Fact]
    public void Append_Cancelled_HoldsThePiecesThatWereRead()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var decoder = Open(folder);
        using var sequence = new KvSequence(decoder, 100);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.Throws<OperationCanceledException>(() => sequence.Append(_tokens, cancellation.Token));
        Assert.Equal(0, sequence.Tokens.Length);
    }

    private static Decoder Open(TemporaryFolder folder) =>
        Decoder.Load(folder.Path, DevicePreference.Cpu, static (_, _) => null, NullLogger.Instance);

    // As exports do that compute masks and positions from the length of the past.
    private static void MeasurePast(ProtoMessage graph)
    {
        graph.Fields.Add(ProtoField.Of(OnnxProto.GraphNode, OnnxProto.Node("Shape", ["past_key_values.0.key"], ["past_shape"], "")));
        graph.Fields.Add(ProtoField.Of(OnnxProto.GraphOutput, OnnxProto.Value("past_shape", OnnxProto.Int64, 4)));
    }

    // A quantised cache rounds, and float32 sums differ in their last bits, as they come in other blocks.
    private static void AssertNear(float[] expected, float[] actual, string model)
    {
        var worst = expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= (model == ScorerModels.TinyHalf ? 0.2 : 1e-3), $"{worst}");
    }
}
