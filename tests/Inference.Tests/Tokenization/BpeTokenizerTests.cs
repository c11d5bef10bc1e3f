using System.Diagnostics;
using System.Text;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Tokenization;

public sealed class BpeTokenizerTests
{
    public static readonly TheoryData<string> Models = ["router-nano", "sample-coding", "sample-reasoning"];

    [Theory]
    [MemberData(nameof(Models))]
    public void Encode_ReferenceTexts_GivesTheReferenceIds(string model)
    {
        var tokenizer = LoadTokenizer(model);

        foreach (var (text, ids) in ReferenceFile.Load(model).Tokenizer)
        {
            Assert.Equal(ids, Encode(tokenizer, text));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Decode_ReferenceTexts_GivesTheTextBack(string model)
    {
        var tokenizer = LoadTokenizer(model);

        foreach (var (text, ids) in ReferenceFile.Load(model).Tokenizer)
        {
            Assert.Equal(text.Replace('▁', ' '), tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void Encode_RandomText_GivesWhatMergingByTheBookGives()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var random = new Random(11);

        for (var round = 0; round < 300; round++)
        {
            var text = RandomText(random, random.Next(1, 120));

            Assert.Equal(NaiveBpe.Encode(Repository.Model("sample-coding"), text), Encode(tokenizer, text));
        }
    }

    [Fact]
    public void Encode_EverySpecialToken_StaysPlainText()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var specials = Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.IsSpecial).ToArray();
        Assert.NotEmpty(specials);

        foreach (var special in specials)
        {
            var spelled = tokenizer.Decode([special], skipSpecial: false);
            var ids = Encode(tokenizer, $"a{spelled}b {spelled}");

            Assert.DoesNotContain(ids, tokenizer.IsSpecial);
            Assert.Equal($"a{spelled}b {spelled}", tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void EncodeTemplate_SpecialTokens_AreRecognised()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var tokens = new List<int>();

        tokenizer.EncodeTemplate("<bos><|turn>user\nhi<turn|>\n", tokens);

        Assert.True(tokenizer.TryGetId("<bos>", out var bos));
        Assert.True(tokenizer.TryGetId("<|turn>", out var turn));
        Assert.True(tokenizer.TryGetId("<turn|>", out var end));
        Assert.Equal([bos, turn], tokens[..2]);
        Assert.Equal(end, tokens[^2]);
        Assert.Equal(Encode(tokenizer, "user\nhi"), tokens[2..^2]);
    }

    [Fact]
    public void TemplateEncoder_PlainPartBetweenTemplateParts_MergesAcrossTheBorderAndNeverAsControl()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var tokens = new List<int>();
        var encoder = new TemplateEncoder(tokenizer, tokens);

        encoder.AppendTemplate("<|turn>us");
        encoder.AppendPlain("er <turn|> x");
        encoder.AppendTemplate("y<turn|>");
        encoder.Complete();

        Assert.Equal(Encode(tokenizer, "user <turn|> xy"), tokens[1..^1]);
        Assert.Equal(2, tokens.Count(tokenizer.IsSpecial));
    }

    [Fact]
    public void Encode_LoneSurrogatesAndNul_SurviveAsReplacementAndByte()
    {
        var tokenizer = LoadTokenizer("sample-coding");

        var ids = Encode(tokenizer, "a\ud800b\udc00\0c");

        Assert.Equal("a\ufffdb\ufffd\0c", tokenizer.Decode(ids));
    }

    [Fact]
    public void Encode_AMegabyteWithoutSpaces_TakesNoQuadraticTime()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var random = new Random(5);
        var text = string.Create(1 << 20, random, static (span, random) =>
        {
            foreach (ref var c in span)
            {
                c = (char)random.Next('a', 'z' + 1);
            }
        });

        var ids = Encode(tokenizer, text); // merging by rescanning would take hours

        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Fact]
    public void Encode_ManyThreads_GiveTheSameIds()
    {
        var tokenizer = LoadTokenizer("sample-coding");
        var texts = Enumerable.Range(0, 64).Select(static seed => RandomText(new Random(seed), 200)).ToArray();
        var expected = texts.Select(text => Encode(tokenizer, text)).ToArray();

        Parallel.For(0, 512, i => Assert.Equal(expected[i % 64], Encode(tokenizer, texts[i % 64])));
    }

    [Fact]
    public void Load_AVocabularyOfGemmasSize_Works()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("tokenizer.json");
        var text = LargeTokenizer.Write(path, 262_144);
        var clock = Stopwatch.StartNew();

        var tokenizer = BpeTokenizer.Load(path);

        TestContext.Current.TestOutputHelper?.WriteLine($"loaded {new FileInfo(path).Length >> 20} MiB in {clock.Elapsed.TotalMilliseconds:F0} ms");
        Assert.Equal(262_144, tokenizer.VocabularySize);
        Assert.Equal(text, tokenizer.Decode(Encode(tokenizer, text)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"model":{"type":"WordPiece","vocab":{"a":0}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":-1}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":2147483647}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":"x"}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["ab"]}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}},"added_tokens":[{"id":"x"}]}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}},"normalizer":{"type":"NFKC"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}},"pre_tokenizer":{"type":"ByteLevel"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0}},"post_processor":{"type":"Odd"}}""")]
    public void Load_ABrokenFile_NamesFolderAndFile(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), content);

        var exception = Assert.Throws<ModelFolderException>(() => BpeTokenizer.Load(folder.File("tokenizer.json")));

        Assert.Contains(folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.Contains("tokenizer.json", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MergesBeforeVocabulary_AreUnderstood()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), """{"model":{"merges":[["a","b"],["ab","ab"]],"vocab":{"a":0,"b":1,"ab":2,"abab":3},"type":"BPE"}}""");
        var tokenizer = BpeTokenizer.Load(folder.File("tokenizer.json"));

        Assert.Equal([3, 2, 0], Encode(tokenizer, "abababa"));
    }

    [Fact]
    public void Encode_APieceThatCrossesASpace_IsFoundBecauseTheTextIsNotCutThere()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), """
            {"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},
             "model":{"type":"BPE","vocab":{"a":0,"b":1,"▁":2,"▁b":3,"a▁b":4},"merges":["▁ b","a ▁b"]}}
            """);
        var tokenizer = BpeTokenizer.Load(folder.File("tokenizer.json"));

        Assert.Equal([4], Encode(tokenizer, "a b"));
    }

    [Fact]
    public void Encode_HarmlessAddedTokens_AreMatchedInPlainTextAndControlOnesAreNot()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.json"), """
            {"added_tokens":[{"id":3,"content":"\n\n","special":false},{"id":4,"content":"<h1>","special":false},{"id":5,"content":"<|turn>","special":false}],
             "model":{"type":"BPE","byte_fallback":false,"unk_token":"?","fuse_unk":true,"vocab":{"?":0,"a":1,"\n":2}}}
            """);
        var tokenizer = BpeTokenizer.Load(folder.File("tokenizer.json"));

        Assert.Equal([1, 3, 2, 4, 0], Encode(tokenizer, "a\n\n\n<h1><|turn>"));
    }

    private static BpeTokenizer LoadTokenizer(string model) => BpeTokenizer.Load(Path.Combine(Repository.Model(model), "tokenizer.json"));

    private static int[] Encode(BpeTokenizer tokenizer, string text)
    {
        var tokens = new List<int>();
        tokenizer.Encode(text, tokens);
        return [.. tokens];
    }

    private static string RandomText(Random random, int words)
    {
        string[] parts = ["the", "def", " ", "  ", "\n", "\t", "return", "(x)", "é", "日本", "😀", "\r\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "12345", "==", "\u0301", "print"];
        var text = new StringBuilder();
        for (var i = 0; i < words; i++)
        {
            text.Append(parts[random.Next(parts.Length)]);
        }

        return text.ToString();
    }
}
