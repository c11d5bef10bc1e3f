using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Engine;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Router.Tests;

namespace RouterGateway.Inference.Tests.Embeddings;

public sealed class EmbeddingEngineTests : IDisposable
{
    private readonly EmbeddingModel _model = EmbeddingModel.Load(Repository.Model("router-nano"), DevicePreference.Cpu, NullLogger.Instance);
    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // One run, of many milliseconds.
    private static int[][] OneRun => [.. Enumerable.Range(0, 8).Select(static i => Enumerable.Range(1000 + i, 512).ToArray())];

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(2, 32)]
    public async Task EmbedAsync_AnyThreadsAndRows_KeepsTheOrder(int threads, int rowsPerRun)
    {
        await using var engine = Create(threads, 0, rowsPerRun);
        var inputs = Enumerable.Range(0, 50).Select(static i => Enumerable.Range(300, 1 + (i * 7 % 30)).ToArray()).ToArray();

        var embeddings = await engine.EmbedAsync(inputs, Cancellation);

        var alone = new float[_model.Dimension];
        for (var i = 0; i < inputs.Length; i++)
        {
            _model.Embed(inputs[i], alone);
            Assert.All(alone.Zip(embeddings.Skip(i * alone.Length)), static pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        Assert.Equal((0, 0), (engine.Running, engine.Waiting));
    }

    [Fact]
    public async Task EmbedAsync_WaitedTooLong_FailsUnlessItHasBegun()
    {
        await using var engine = Create(1, 100, 32);
        var requests = Enumerable.Range(0, 20).Select(_ => engine.EmbedAsync(OneRun, Cancellation)).ToArray();
        SpinWait.SpinUntil(() => engine.Running > 0);

        _clock.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(8 * _model.Dimension, (await requests[0]).Length);
        await Assert.ThrowsAsync<EngineOverloadedException>(() => requests[^1]);
        await Assert.ThrowsAsync<EngineOverloadedException>(() => Task.WhenAll(requests));
        Assert.Equal((0, 0), (engine.Running, engine.Waiting));
    }

    [Fact]
    public async Task EmbedAsync_MoreThanTheQueueTakes_FailsAtOnce()
    {
        await using var engine = Create(1, 2, 32);
        var admitted = Enumerable.Range(0, 3).Select(_ => engine.EmbedAsync(OneRun, Cancellation)).ToArray();

        var refused = engine.EmbedAsync(OneRun, Cancellation);

        Assert.True(refused.IsFaulted);
        await Assert.ThrowsAsync<EngineOverloadedException>(() => refused);
        await Task.WhenAll(admitted);
        await engine.EmbedAsync(OneRun, Cancellation);
    }

    [Fact]
    public async Task EmbedAsync_CancelledWhileItWaits_EndsAtOnceAndTheOthersGoOn()
    {
        await using var engine = Create(1, 100, 32);
        using var leaving = new CancellationTokenSource();
        var others = Enumerable.Range(0, 10).Select(_ => engine.EmbedAsync(OneRun, Cancellation)).ToArray();
        var left = engine.EmbedAsync(OneRun, leaving.Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Contains(others, static other => !other.IsCompleted);
        await Task.WhenAll(others);
    }

    [Fact]
    public async Task EmbedAsync_TheModelFails_FailsThisRequestOnly()
    {
        await using var engine = Create(2, 10, 1);

        var failure = await Assert.ThrowsAsync<EmbeddingFailedException>(() => engine.EmbedAsync([[2, 1], [2, 1 << 30, 1], [2, 5, 1]], Cancellation));

        Assert.Contains("failed to embed", failure.Message, StringComparison.Ordinal);
        Assert.Equal(_model.Dimension, (await engine.EmbedAsync([[2, 1]], Cancellation)).Length);
    }

    [Fact]
    public async Task DisposeAsync_DuringRequests_EndsThemAll()
    {
        var engine = Create(2, 100, 1);
        var requests = Enumerable.Range(0, 5).Select(_ => engine.EmbedAsync(OneRun, Cancellation)).ToArray();

        await engine.DisposeAsync();

        foreach (var request in requests)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        }
    }

    private EmbeddingEngine Create(int threads, int maxQueue, int rowsPerRun) =>
        new(_model, threads, maxQueue, TimeSpan.FromSeconds(30), _clock, rowsPerRun, NullLogger.Instance);
}
