using BenchmarkDotNet.Attributes;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Benchmarks;

/// <summary>Text to token ids.</summary>
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private readonly List<int> _tokens = new(4096);
    private BpeTokenizer _tokenizer = null!;
    private string _text = null!;

    [Params(16, 64, 512)]
    public int Tokens { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _tokenizer = BpeTokenizer.Load(Shipped.PathOf("models/router-nano/tokenizer.json"));
        _text = Shipped.Prompt(Tokens);
    }

    [Benchmark]
    public int Encode()
    {
        _tokens.Clear();
        _tokenizer.Encode(_text, _tokens);
        return _tokens.Count;
    }
}
