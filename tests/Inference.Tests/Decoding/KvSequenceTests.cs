using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Decoding;
using RouterGateway.Inference.KvCache;
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
    [InlineData(ScorerModels.TinySplitExternal)]
    public void RewindTo_RowsOfInt8_IsASequenceThatNeverWentThere(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = OpenRows(folder);
        using var sequence = new KvSequence(decoder, 512);
        using var straight = new KvSequence(decoder, 512);

        sequence.Append(_tokens);
        sequence.Append(_tokens); // heads lie further apart
        sequence.RewindTo(40);
        var actual = Steps(sequence);
        straight.Append(_tokens.AsSpan(0, 40));
        var expected = Steps(straight);

        Assert.Equal(expected, actual);
        Assert.Equal((42 + _tokens.Length, 180), (sequence.Tokens.Length, sequence.HeldTokens));
        Assert.All(Enumerable.Range(0, sequence.CacheNames.Count), index => Assert.Equal(straight.Read(index).Values, sequence.Read(index).Values));
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.Tiny)]
    [InlineData(ScorerModels.TinyHalf)]
    public void CopyPrefix_RowsOfInt8_GoesOnLikeTheOriginalAndLeavesItAlone(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = OpenRows(folder);
        using var original = new KvSequence(decoder, 200);
        original.Append(_tokens);

        using var copy = original.CopyPrefix(50, 300);
        var ofCopy = Steps(copy);
        original.Append(_tokens.AsSpan(0, 10));

        original.RewindTo(50);
        Assert.Equal(Steps(original), ofCopy);
        Assert.Equal(50 + 2 + _tokens.Length, copy.HeldTokens);
    }

    [Theory]
    [InlineData(ScorerModels.Tiny)]
    [InlineData(ScorerModels.TinyHalf)]
    public void Read_RowsOfInt8_IsTheFloatCacheToHalfAStep(string model)
    {
        using var folder = ScorerModels.Write(model);
        var path = folder.File("model.onnx");
        using var quantised = OpenRows(folder);
        using var plain = Decoder.Open(OnnxGraph.Edit(path, graph => OutlierFold.Apply(graph, path, NullLogger.Instance)), DecoderFiles.Find(folder.Path, isCuda: false));
        using var rows = new KvSequence(quantised, 128);
        using var floats = new KvSequence(plain, 128);

        rows.Append(_tokens);
        floats.Append(_tokens);

        for (var index = 0; index < rows.CacheNames.Count; index++)
        {
            var ((heads, expected), (_, actual)) = (floats.Read(index), rows.Read(index));
            var width = expected.Length / heads / _tokens.Length;
            Assert.All(expected.Chunk(width).Zip(actual.Chunk(width)), pair =>
                Assert.InRange(pair.First.Zip(pair.Second, static (a, b) => Math.Abs(a - b)).Max(), 0, pair.First.Max(Math.Abs) * 0.501f / 127));
        }
    }

    [Fact]
    public void ApplyRows_AGraphThatMeasuresItsPast_IsRefused()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        File.WriteAllBytes(folder.File("model.onnx"), OnnxGraph.Edit(folder.File("model.onnx"), MeasurePast));

        var fault = Assert.Throws<InvalidDataException>(() => OpenRows(folder));

        Assert.Contains("something else than GroupQueryAttention reads its \"past_key_values.0.key\"", fault.Message, StringComparison.Ordinal);
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

        Assert.Equal((KvStorageKind.SharedBuffers, KvStorageKind.Growing), (shared.Storage, growing.Storage));
        one.Append(_tokens.AsSpan(0, 50));
        other.Append(_tokens.AsSpan(0, 50));
        Assert.Equal(one.Append(_tokens.AsSpan(50, 3)).ToArray(), other.Append(_tokens.AsSpan(50, 3)).ToArray());
        one.RewindTo(20);
        other.RewindTo(20);
        Assert.Equal(one.Append(_tokens.AsSpan(70, 5)).ToArray(), other.Append(_tokens.AsSpan(70, 5)).ToArray());
    }

    [Theory]
    [InlineData(ScorerModels.Shipped)]
    [InlineData(ScorerModels.Tiny)]
    public void LimitToWindows_SaysTheSameAndHoldsNothingElse(string model)
    {
        using var folder = ScorerModels.Write(model);
        using var decoder = Open(folder);
        var tokens = ScorerModels.Tokens(1500, seed: 5);
        using var whole = new KvSequence(decoder, 2000);
        using var limited = new KvSequence(decoder, 2000);
        limited.LimitToWindows();

        for (var (start, length) = (0, 700); start < tokens.Length; start += length, length = start < 1400 ? 700 : 1)
        {
            Assert.Equal(whole.Append(tokens.AsSpan(start, length)).ToArray(), limited.Append(tokens.AsSpan(start, length)).ToArray());
        }

        Assert.Equal((true, false, true), (limited.CanRewindTo(1500), limited.CanRewindTo(600), limited.CanRewindTo(0)));
        Assert.Throws<InvalidOperationException>(() => limited.RewindTo(600));
        using var copy = limited.CopyPrefix(1500, 1600);
        Assert.Equal(whole.Append(tokens.AsSpan(0, 9)).ToArray(), copy.Append(tokens.AsSpan(0, 9)).ToArray());
        limited.RewindTo(0);
        whole.RewindTo(0);
        Assert.Equal(whole.Append(tokens.AsSpan(0, 300)).ToArray(), limited.Append(tokens.AsSpan(0, 300)).ToArray());
    }

    [Fact]
    public void LimitToWindows_GivesThePagesOfSlidingLayersBack()
    {
        using var folder = ScorerModels.Write(ScorerModels.Tiny);
        using var decoder = Open(folder);
        using var sequence = new KvSequence(decoder, 2000);
        sequence.Append(ScorerModels.Tokens(1500, seed: 5));

        sequence.LimitToWindows();

        for (var i = 0; i < sequence.CacheNames.Count; i++)
        {
            var (heads, values) = sequence.Read(i);
            var zeros = Enumerable.Range(0, 1400).Count(token => values[token * (values.Length / heads / 1500)] == 0); // of the first head
            Assert.InRange(zeros, decoder.Windows[i] == SlidingWindows.Unbounded ? 0 : 1300, decoder.Windows[i] == SlidingWindows.Unbounded ? 5 : 1400);
        }
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

    private static Decoder OpenRows(TemporaryFolder folder)
    {
        var files = DecoderFiles.Find(folder.Path, isCuda: false);
        return Decoder.Open(
            OnnxGraph.Edit(files.Decoder, graph =>
            {
                StaticKvScales.Remove(graph);
                OutlierFold.Apply(graph, files.Decoder, NullLogger.Instance);
                QuantisedPast.ApplyRows(graph);
            }),
            files);
    }

    // Two tokens one by one, then many.
    private static float[] Steps(KvSequence sequence) => [.. sequence.Append([500]).ToArray(), .. sequence.Append([501]).ToArray(), .. sequence.Append(_tokens).ToArray()];

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
