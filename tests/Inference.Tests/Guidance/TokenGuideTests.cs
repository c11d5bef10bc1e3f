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
    public void Mask_RandomAnswersByASchema_ObeyIt(string schema)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var document = JsonDocument.Parse(schema);
        var random = new Random(17);

        for (var round = 0; round < 20; round++)
        {
            var tokens = GuidedSampler.Answer(vocabulary, AnswerGrammar.JsonSchema(schema), random);
            var text = GuidedSampler.Tokenizer.Decode(tokens.ToArray(), skipSpecial: false);

            Assert.DoesNotContain(tokens, GuidedSampler.Tokenizer.IsSpecial);
            using var answer = JsonDocument.Parse(text);
            Assert.True(SchemaCheck.Matches(document.RootElement, answer.RootElement, document.RootElement), text);
        }
    }

    [Fact]
    public void Mask_ObjectWithoutAdditionalProperties_IsTakenAsClosed()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.JsonSchema("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"""));

        GuidedSampler.Accept(guide, """{"a": 12}""");

        Assert.True(guide.IsComplete);
    }

    [Theory]
    [InlineData("""{"allOf":[{"type":"object","properties":{"a":{"const":1}},"required":["a"]},{"type":"object","properties":{"b":{"const":2}},"required":["b"]}]}""", """{"a": 1, "b": 2}""")]
    [InlineData("""{"type":"object","properties":{"a":{"const":1}},"required":["b","a"]}""", """{"a": 1, "b": [true]}""")]
    public void Mask_ObjectThatNeedsFurtherProperties_HasThem(string schema, string answer)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.JsonSchema(schema));

        GuidedSampler.Accept(guide, answer);

        Assert.Contains(GuidedSampler.End, GuidedSampler.Allowed(guide, new float[4096]));
    }

    [Fact]
    public void Mask_RandomJsonObjects_HaveNoWhiteSpaceButSingleSpaces()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var random = new Random(5);

        for (var round = 0; round < 20; round++)
        {
            var text = GuidedSampler.Tokenizer.Decode(GuidedSampler.Answer(vocabulary, AnswerGrammar.JsonObject(), random).ToArray());

            using var answer = JsonDocument.Parse(text);
            Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
            Assert.DoesNotMatch("""\s\s|[{\[]\s|\s[}\]]|\s[,:]""", Regex.Replace(text, """"(\\.|[^"\\])*"""", "\"\""));
        }
    }

    [Fact]
    public void Mask_SettingsOfTheClient_AreNotHeeded()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(
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
    public void Mask_RandomAnswersByARegex_MatchIt(string pattern)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var random = new Random(3);

        for (var round = 0; round < 20; round++)
        {
            Assert.Matches($"^({pattern})$", GuidedSampler.Tokenizer.Decode(GuidedSampler.Answer(vocabulary, AnswerGrammar.Regex(pattern), random).ToArray()));
        }
    }

    [Fact]
    public void Mask_Lark_AllowsWhatItSays()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();

        var tokens = GuidedSampler.Answer(vocabulary, AnswerGrammar.Lark("start: \"yes\" | <|think|> \"no\""), new Random(1));

        Assert.NotEmpty(tokens);
    }

    [Fact]
    public void Mask_TextOfEveryScript_IsAllowedInStrings()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.JsonObject());

        GuidedSampler.Accept(guide, """{"é": "漢字 😀 مرحبا", "x": "<|turn> <eos>"}""");

        Assert.True(guide.IsComplete);
    }

    [Fact]
    public void Mask_MoreLogitsThanTokens_ForbidsThoseThatAreNone()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.Regex("(?s:.*)"));
        var padded = new float[4096 + 133];
        var cut = new float[1000];

        guide.Mask(padded);
        guide.Mask(cut);

        Assert.All(padded[4096..], static score => Assert.Equal(float.NegativeInfinity, score));
        Assert.Equal(padded[..1000], cut);
    }

    [Fact]
    public void Mask_AfterTheEnd_LeavesOnlyEndTokens()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.Regex("a*"));

        guide.Accept(GuidedSampler.EndOfTurn);

        Assert.True(guide.IsComplete);
        Assert.Equal([GuidedSampler.End, GuidedSampler.EndOfTurn], GuidedSampler.Allowed(guide, new float[4096]));
        Assert.Throws<GuidanceException>(() => guide.Accept(GuidedSampler.End));
    }

    [Fact]
    public void Accept_ForbiddenTokens_Throw()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        foreach (var token in new[] { GuidedSampler.End, GuidedSampler.Quote, 4095, 4096, -1, int.MaxValue })
        {
            using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.Regex("code"));

            Assert.Throws<GuidanceException>(() => guide.Accept(token));
        }
    }

    [Fact]
    public void Mask_PerToken_AllocatesNothing()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.Regex("a*"));
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
    public void Create_ManyAtOnceOnOneVocabulary_AnswerAsOneByOne()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var grammar = AnswerGrammar.JsonSchema(Person);
        var expected = Enumerable.Range(0, 32).Select(seed => GuidedSampler.Answer(vocabulary, grammar, new Random(seed))).ToArray();
        var answers = new List<int>[32];
        using var fresh = GuidedSampler.CreateVocabulary();

        var threads = answers.Select((_, seed) => new Thread(() => answers[seed] = GuidedSampler.Answer(fresh, grammar, new Random(seed)))).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.Equal(expected, answers);
    }

    [Fact]
    public void Dispose_VocabularyBeforeGuide_LeavesTheGuideUsable()
    {
        var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = TokenGuide.Create(vocabulary, AnswerGrammar.JsonObject());

        vocabulary.Dispose();
        GuidedSampler.Accept(guide, """{"a": 1}""");

        Assert.True(guide.IsComplete);
        Assert.Throws<GuidanceException>(() => TokenGuide.Create(vocabulary, AnswerGrammar.JsonObject()));
    }
}
