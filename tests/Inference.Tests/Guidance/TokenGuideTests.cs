using System.Text.Json;
using System.Text.RegularExpressions;
using RouterGateway.Inference.Guidance;

namespace RouterGateway.Inference.Tests.Guidance;

public sealed class TokenGuideTests
{
    public const string Person =
        """{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":12},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"type":"string","maxLength":5},"minItems":1,"maxItems":3},"state":{"enum":["new","old",null]}},"required":["name","age","tags","state"],"additionalProperties":false}""";

    public static readonly TheoryData<string> Schemas =
    [
        Person,
        """{"type":"object"}""",
        """{"type":"object","properties":{"a":{"type":"string"}}}""",
        """{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"null"},{"type":"number"}]},"maxItems":6}""",
        """{"type":"object","properties":{"tree":{"$ref":"#/$defs/node"}},"required":["tree"],"$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"$ref":"#/$defs/node"},"maxItems":2}},"required":["value"],"additionalProperties":false}}}""",
        """{"type":["string","null"],"maxLength":30}""",
        """{"const":{"a":[1,"é\n\"<|turn>"]}}""",
        """{"type":"object","additionalProperties":{"type":"boolean"}}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Mask_RandomAnswersByASchema_ObeyIt(string schema)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var document = JsonDocument.Parse(schema);
        var random = new Random(17);

        for (var round = 0; round < 20; round++)
        {
            var tokens = await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.JsonSchema(schema), random);
            var text = GuidedSampler.Tokenizer.Decode(tokens.ToArray(), skipSpecial: false);

            Assert.DoesNotContain(tokens, GuidedSampler.Tokenizer.IsSpecial);
            using var answer = JsonDocument.Parse(text);
            Assert.True(SchemaCheck.Matches(document.RootElement, answer.RootElement, document.RootElement), text);
        }
    }

    [Fact]
    public async Task Mask_ObjectWithoutAdditionalProperties_IsTakenAsClosed()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"""));

        GuidedSampler.Accept(guide, """{"a": 12}""");

        Assert.True(guide.IsComplete);
    }

    [Theory]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"object","properties":{"b":{"const":2}},"required":["b"]}]}""", """{"a": 1, "b": 2}""")]
    [InlineData("""{"type":"object","properties":{"a":{"const":1}},"required":["b","a"]}""", """{"a": 1, "b": [true]}""")]
    public async Task Mask_ObjectThatNeedsFurtherProperties_HasThem(string schema, string answer)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema(schema));

        GuidedSampler.Accept(guide, answer);

        Assert.Contains(GuidedSampler.End, GuidedSampler.Allowed(guide, new float[4096]));
    }

    [Fact]
    public async Task Mask_RandomJsonObjects_HaveNoWhiteSpaceButSingleSpaces()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var random = new Random(5);

        for (var round = 0; round < 20; round++)
        {
            var text = GuidedSampler.Tokenizer.Decode((await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.JsonObject(), random)).ToArray());

            using var answer = JsonDocument.Parse(text);
            Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
            Assert.DoesNotMatch("""\s\s|[{\[]\s|\s[}\]]|\s[,:]""", Regex.Replace(text, """"(\\.|[^"\\])*"""", "\"\""));
        }
    }

    [Fact]
    public async Task Mask_SettingsOfTheClient_AreNotHeeded()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(
            vocabulary,
            AnswerGrammar.JsonSchema("""{"x-guidance":{"whitespace_flexible":true,"lenient":true,"item_separator":"x"},"type":"array","items":{"const":1},"minItems":2}"""));

        GuidedSampler.Accept(guide, "[1");
        var allowed = GuidedSampler.Allowed(guide, new float[4096]).ConvertAll(static token => GuidedSampler.Tokenizer.Decode([token]));

        Assert.All(allowed, static text => Assert.StartsWith(",", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("(code|math|route)")]
    [InlineData("[a-f]{2,9}-[0-9]{3}")]
    [InlineData("(é|漢|😀){3}")]
    public async Task Mask_RandomAnswersByAPattern_MatchIt(string pattern)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var random = new Random(3);

        for (var round = 0; round < 20; round++)
        {
            var tokens = await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.JsonSchema($"{{\"type\":\"string\",\"pattern\":\"^{pattern}$\"}}"), random);

            Assert.Matches($"^({pattern})$", JsonSerializer.Deserialize<string>(GuidedSampler.Tokenizer.Decode(tokens.ToArray())));
        }
    }

    [Fact]
    public async Task Mask_TextOfEveryScript_IsAllowedInStrings()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonObject());

        GuidedSampler.Accept(guide, """{"é": "漢字 😀 مرحبا", "x": "<|turn> <eos>"}""");

        Assert.True(guide.IsComplete);
    }

    [Fact]
    public async Task Mask_MoreLogitsThanTokens_ForbidsThoseThatAreNone()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"type":"string"}"""));
        GuidedSampler.Accept(guide, "\"");
        var padded = new float[4096 + 133];
        var cut = new float[1000];

        guide.Mask(padded);
        guide.Mask(cut);

        Assert.All(padded[4096..], static score => Assert.Equal(float.NegativeInfinity, score));
        Assert.Equal(padded[..1000], cut);
    }

    [Fact]
    public async Task Mask_AfterTheEnd_LeavesOnlyEndTokens()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"type":"integer"}"""));
        GuidedSampler.Accept(guide, "1");

        guide.Accept(GuidedSampler.EndOfTurn);

        Assert.True(guide.IsComplete);
        Assert.Equal([GuidedSampler.End, GuidedSampler.EndOfTurn], GuidedSampler.Allowed(guide, new float[4096]));
        Assert.Throws<GuidanceException>(() => guide.Accept(GuidedSampler.End));
    }

    [Fact]
    public async Task Accept_ForbiddenTokens_Throw()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        foreach (var token in new[] { GuidedSampler.End, GuidedSampler.Quote, 4095, 4096, -1, int.MaxValue })
        {
            using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"const":"code"}"""));

            Assert.Throws<GuidanceException>(() => guide.Accept(token));
        }
    }

    [Fact]
    public async Task Mask_PerToken_AllocatesNothing()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"type":"string"}"""));
        GuidedSampler.Accept(guide, "\"");
        GuidedSampler.Tokenizer.TryGetId("a", out var token);
        var logits = new float[4096];
        Step();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Step()
        {
            guide.Mask(logits);
            guide.Accept(token);
        }
    }

    [Fact]
    public async Task CreateAsync_ManyAtOnceOnOneVocabulary_AnswerAsOneByOne()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var grammar = AnswerGrammar.JsonSchema(Person);
        var expected = new List<int>[32];
        for (var seed = 0; seed < expected.Length; seed++)
        {
            expected[seed] = await GuidedSampler.AnswerAsync(vocabulary, grammar, new Random(seed));
        }

        using var fresh = GuidedSampler.CreateVocabulary();

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(seed => GuidedSampler.AnswerAsync(fresh, grammar, new Random(seed))));

        Assert.Equal(expected, answers);
    }

    [Fact]
    public async Task Clone_OfABegunAnswer_GoesItsOwnWay()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema("""{"enum":["one","other"]}"""));
        GuidedSampler.Accept(guide, "\"");

        using var clone = guide.Clone();
        GuidedSampler.Accept(guide, "one\"");
        var (isComplete, isCloneComplete) = (guide.IsComplete, clone.IsComplete);
        guide.Accept(GuidedSampler.End);
        using var ended = guide.Clone();
        guide.Dispose();
        GuidedSampler.Accept(clone, "other\"");

        Assert.Equal((true, false, true, true), (isComplete, isCloneComplete, clone.IsComplete, ended.IsComplete));
        Assert.Throws<GuidanceException>(() => ended.Accept(GuidedSampler.End));
    }

    [Fact]
    public async Task Clone_OfOneGuideOnManyThreads_AnswersAsThoseOfTheirOwn()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema(Person));
        var expected = await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.JsonSchema(Person), new Random(9));
        var answers = new bool[16];

        var threads = answers.Select((_, i) => guide.Clone()).Select((clone, i) => new Thread(() => answers[i] = Follows(clone, expected))).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.All(answers, Assert.True);

        static bool Follows(TokenGuide clone, List<int> tokens)
        {
            using (clone)
            {
                var logits = new float[GuidedSampler.Tokenizer.VocabularySize];
                foreach (var token in tokens)
                {
                    if (!GuidedSampler.Allowed(clone, logits).Contains(token))
                    {
                        return false;
                    }

                    clone.Accept(token);
                }

                return GuidedSampler.Allowed(clone, logits).Contains(GuidedSampler.End);
            }
        }
    }

    [Fact]
    public async Task Dispose_VocabularyBeforeGuide_LeavesTheGuideUsable()
    {
        var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonObject());

        vocabulary.Dispose();
        GuidedSampler.Accept(guide, """{"a": 1}""");

        Assert.True(guide.IsComplete);
        await Assert.ThrowsAsync<GuidanceException>(() => TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonObject()));
    }
}
