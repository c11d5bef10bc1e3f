using System.Text.Json;
using BenchmarkDotNet.Attributes;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Benchmarks;

/// <summary>What guidance adds to a token of an answer, and to an answer.</summary>
[MemoryDiagnoser]
public class GuidanceBenchmarks : IDisposable
{
    private const string Schema =
        """{"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"type":"string"}},"state":{"enum":["new","old"]}},"required":["name","age","tags","state"]}""";

    private readonly List<int> _answer = [];
    private GuidanceVocabulary _vocabulary = null!;
    private TokenGuide _fresh = null!;
    private TokenGuide _guide = null!;
    private float[] _logits = null!;
    private int _next;

    /// <summary>Tokens of the vocabulary: the shipped decoder's, or as many as Gemma's.</summary>
    [Params(4096, 262_144)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        var tokenizer = BpeTokenizer.Load(Vocabulary == 4096 ? Shipped.PathOf("models/sample-coding/tokenizer.json") : WriteLargeVocabulary(Vocabulary));
        _vocabulary = new(tokenizer, new HashSet<int> { 1 });
        tokenizer.Encode("""{"name": "the quick brown fox jumps over the lazy dog and then again over another one", "age": 42, "tags": ["new", "old"], "state": "old"}""", _answer);
        _logits = new float[tokenizer.VocabularySize];
        _fresh = await TokenGuide.CreateAsync(_vocabulary, AnswerGrammar.JsonSchema(Schema));
        Begin();
    }

    /// <summary>One token: mask and accept, over an answer again and again; the clone of its beginning is in it.</summary>
    [Benchmark]
    public float MaskAndAccept()
    {
        if (_next == _answer.Count)
        {
            _guide.Dispose();
            Begin();
        }

        _guide.Mask(_logits);
        _guide.Accept(_answer[_next++]);
        return _logits[0];
    }

    /// <summary>The beginning of an answer.</summary>
    [Benchmark]
    public async Task Create() => (await TokenGuide.CreateAsync(_vocabulary, AnswerGrammar.JsonSchema(Schema))).Dispose();

    [GlobalCleanup]
    public void Dispose()
    {
        _guide.Dispose();
        _fresh.Dispose();
        _vocabulary.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Begin()
    {
        _guide = _fresh.Clone();
        _next = 0;
    }

    // Every character of ASCII, then words of them in the proportions of a vocabulary: every piece a shorter one and a letter.
    private static string WriteLargeVocabulary(int pieces)
    {
        const string Letters = "▁abcdefghijklmnopqrstuvwxyz";
        var vocabulary = new List<string> { "<pad>", "<eos>" };
        vocabulary.AddRange(Enumerable.Range('!', '~' - '!' + 1).Where(static c => !char.IsAsciiLetterLower((char)c)).Select(static c => ((char)c).ToString()));
        var first = vocabulary.Count;
        vocabulary.AddRange(Letters.Select(static letter => letter.ToString()));
        for (var i = first; vocabulary.Count < pieces; i++)
        {
            vocabulary.AddRange(Letters[1..].Take(pieces - vocabulary.Count).Select(letter => vocabulary[i] + letter));
        }

        var path = Path.Combine(Path.GetTempPath(), $"guidance-benchmark-{pieces}.json");
        using var stream = File.Create(path);
        using var writer = new Utf8JsonWriter(stream);
        writer.WriteStartObject();
        writer.WritePropertyName("normalizer");
        writer.WriteRawValue("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""");
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Count; id++)
        {
            writer.WriteNumber(vocabulary[id], id);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        return path;
    }
}
