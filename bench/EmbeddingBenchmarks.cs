using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Embeddings;
using RouterGateway.Inference.Onnx;

namespace RouterGateway.Benchmarks;

/// <summary>One run of models/router-nano on one CPU core.</summary>
[MemoryDiagnoser]
public class EmbeddingBenchmarks
{
    private EmbeddingModel _model = null!;
    private ReadOnlyMemory<int>[] _batch = null!;
    private float[] _embeddings = null!;

    [Params(1, 8, 32)]
    public int Batch { get; set; }

    [Params(16, 64, 512)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _model = EmbeddingModel.Load(Shipped.PathOf("models/router-nano"), DevicePreference.Cpu, NullLogger.Instance);
        var tokens = _model.Tokenize(Shipped.Prompt(2 * Tokens)).AsMemory(0, Tokens);
        _batch = [.. Enumerable.Repeat<ReadOnlyMemory<int>>(tokens, Batch)];
        _embeddings = new float[Batch * _model.Dimension];
    }

    [GlobalCleanup]
    public void Cleanup() => _model.Dispose();

    [Benchmark]
    public void Embed() => _model.Embed(_batch, _embeddings);
}
