using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using RouterGateway.Inference.Onnx;
using RouterGateway.Inference.Scoring;

namespace RouterGateway.Benchmarks;

/// <summary>64 tokens of a request after 512 tokens of shared prefix, on models/sample-coding and one CPU core.</summary>
[MemoryDiagnoser]
public class ScorerBenchmarks
{
    private const int PrefixTokens = 512;
    private const int TextTokens = 64;
    private static readonly int[] _labels = [300, 301, 302, 303, 304, 305, 306];

    private readonly float[] _logits = new float[_labels.Length];
    private LabelScorer _scorer = null!;
    private LabelPrefix _prefix = null!;
    private LabelPrefix _firstToken = null!;
    private int[] _text = null!;
    private int[] _whole = null!;

    [Params(PrefixPrecision.Exact, PrefixPrecision.Quantised)]
    public PrefixPrecision Precision { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _scorer = LabelScorer.Load(Shipped.PathOf("models/sample-coding"), DevicePreference.Cpu, NullLogger.Instance, Precision);
        var tokens = _scorer.Frame.EncodeText(Shipped.Prompt(2 * (PrefixTokens + TextTokens)))[..(PrefixTokens + TextTokens)];
        _prefix = _scorer.Prefill(tokens[..PrefixTokens]);
        _firstToken = _scorer.Prefill(tokens[..1]);
        (_text, _whole) = (tokens[PrefixTokens..], tokens[1..]);
    }

    [GlobalCleanup]
    public void Cleanup() => _scorer.Dispose();

    /// <summary>All 576 tokens, as without a shared prefix.</summary>
    [Benchmark(Baseline = true)]
    public void WholePrompt() => _scorer.Score(_firstToken, _whole, _labels, _logits);

    /// <summary>The 64 tokens of the request over the shared 512.</summary>
    [Benchmark]
    public void TextOverSharedPrefix() => _scorer.Score(_prefix, _text, _labels, _logits);
}
