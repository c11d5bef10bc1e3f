using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using RouterGateway.Inference.Guidance;
using RouterGateway.Inference.Tests.Support;
using RouterGateway.Inference.Tokenization;

namespace RouterGateway.Inference.Tests.Guidance;

public sealed class ToolCallGrammarTests
{
    private const string Weather =
        """{"type":"object","properties":{"city":{"type":"string","minLength":1,"maxLength":20},"unit":{"enum":["c","f"]},"days":{"type":"integer","minimum":1,"maximum":14},"Detail":{"type":"boolean"}},"required":["city","days"]}""";

    public static readonly TheoryData<string> Schemas =
    [
        Weather,
        """{"type":"object","properties":{}}""",
        """{"type":"object","properties":{},"additionalProperties":false}""",
        """{"type":"object","additionalProperties":{"type":"array","items":{"type":"null"}}}""",
        """{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number","maximum":-1.5},"c":{"type":["integer","null"]}}}""",
        """{"type":"object","properties":{"mixed":{"enum":["x",3,null,true,{"b":1,"a":"q"},[],["y",""]]},"one":{"const":"é\n\"\\ 😀 <|turn>"}},"required":["mixed","one"]}""",
        """{"type":"object","properties":{"list":{"type":"array","items":{"anyOf":[{"type":"boolean"},{"type":"string","maxLength":3}]},"minItems":1,"maxItems":4},"none":{"type":"array","maxItems":0}},"required":["list"]}""",
        """{"type":"object","properties":{"tree":{"$ref":"#/$defs/node"}},"required":["tree"],"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"$ref":"#/$defs/node"}},"required":["v"],"additionalProperties":false}}}""",
        """{"type":"object","properties":{"nested":{"type":"object","properties":{"z":{"type":"string","maxLength":0},"y":{"type":"object","properties":{"x":{"type":"boolean"}},"required":["x"]}},"required":["y"]},"any":{}},"required":["any","undeclared"]}""",
    ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Mask_RandomCalls_ObeyTheSchema(string schema)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var document = JsonDocument.Parse(schema);
        var random = new Random(23);

        for (var round = 0; round < 15; round++)
        {
            var tokens = await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.ToolCalls([("do_it", schema)], allowsSeveral: false), random);

            var (name, arguments) = Assert.Single(ToolCallReader.Read(tokens));
            Assert.Equal("do_it", name);
            using var value = JsonDocument.Parse(arguments.ToJsonString());
            Assert.True(SchemaCheck.Matches(document.RootElement, value.RootElement, document.RootElement), arguments.ToJsonString());
        }
    }

    [Fact]
    public async Task Mask_SeveralCallsOfSeveralTools_AreOfTheGivenTools()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var random = new Random(2);
        var grammar = AnswerGrammar.ToolCalls([("get_weather", Weather), ("get_time", null), ("get_weather2", """{"type":"object","properties":{}}""")], allowsSeveral: true);

        var calls = new List<(string Name, JsonObject Arguments)>();
        for (var round = 0; round < 30; round++)
        {
            calls.AddRange(ToolCallReader.Read(await GuidedSampler.AnswerAsync(vocabulary, grammar, random)));
        }

        Assert.True(calls.Count > 35);
        Assert.Equal(["get_time", "get_weather", "get_weather2"], calls.Select(static call => call.Name).Distinct().Order());
        Assert.All(calls.Where(static call => call.Name == "get_weather"), static call => Assert.True(call.Arguments.ContainsKey("city")));
    }

    [Fact]
    public async Task Mask_ACallAsTheTemplateWritesIt_IsAllowed()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.ToolCalls([("get_weather", Weather)], allowsSeveral: false));
        var tokens = new List<int>();
        GuidedSampler.Tokenizer.EncodeTemplate("""<|tool_call>call:get_weather{city:<|"|>Zürich "HB" |> {漢}<|"|>,days:14,Detail:true,unit:<|"|>c<|"|>}<tool_call|>""", tokens);

        foreach (var token in tokens)
        {
            Assert.False(guide.IsComplete);
            Assert.Contains(token, GuidedSampler.Allowed(guide, new float[4096]));
            guide.Accept(token);
        }

        Assert.True(guide.IsComplete);
    }

    [Fact]
    public async Task Mask_InsideAString_AllowsNoControlTokenButTheQuote()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        using var guide = await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.ToolCalls([("f", """{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}""")], allowsSeveral: false));
        var tokens = new List<int>();
        GuidedSampler.Tokenizer.EncodeTemplate("<|tool_call>call:f{a:<|\"|>text", tokens);

        tokens.ForEach(guide.Accept);

        Assert.Equal([GuidedSampler.Quote], GuidedSampler.Allowed(guide, new float[4096]).Where(GuidedSampler.Tokenizer.IsSpecial));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("a b", null)]
    [InlineData("a{", null)]
    [InlineData("a", "[]")]
    [InlineData("a", "{")]
    [InlineData("a", """{"type":"object","properties":{"x":{"type":"objekt"}}}""")]
    [InlineData("a", """{"type":"object","properties":{"a b":{}},"required":["a b"]}""")]
    [InlineData("a", """{"type":"object","properties":{"x":{"type":"string","minLength":3,"maxLength":2}}}""")]
    [InlineData("a", """{"type":"object","properties":{"x":{"type":"string","minLength":-3}}}""")]
    [InlineData("a", """{"type":"object","properties":{"x":{"const":"\ud800"}}}""")]
    [InlineData("a", """{"type":"object","properties":{"x":{"type":"integer","minimum":5,"maximum":2}},"required":["x"]}""")]
    [InlineData("a", """{"type":"object","properties":{"x":{"$ref":"#"}},"required":["x"]}""")]
    public async Task ToolCalls_WhatCannotBeFollowed_IsRefusedOrBegun(string name, string? schema)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();

        var exception = await Record.ExceptionAsync(async () => (await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.ToolCalls([(name, schema)], allowsSeveral: true))).Dispose());

        Assert.Equal(schema?.Contains("$ref", StringComparison.Ordinal) == true, exception is null); // an endless value has a beginning
        Assert.True(exception is null or GuidanceException, exception?.ToString());
    }

    [Fact]
    public void ToolCalls_NoTool_IsRefused() => Assert.Throws<GuidanceException>(static () => AnswerGrammar.ToolCalls([], allowsSeveral: false));

    [Theory]
    [InlineData("mcp/fs:read")]
    [InlineData("a.b-c_D9")]
    public async Task ToolCalls_EveryNameThatAToolMayHave_IsCalled(string name)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();

        var tokens = await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.ToolCalls([(name, null)], allowsSeveral: false), new Random(7));

        Assert.Equal(name, Assert.Single(ToolCallReader.Read(tokens)).Name);
    }

    [Fact]
    public void ToolCalls_ATypeNamedOftenInNestedArrays_IsWrittenOnce()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var schema = "{\"type\":\"object\",\"properties\":{\"x\":" + string.Concat(Enumerable.Repeat("{\"type\":[\"array\",\"array\",7,8],\"items\":", 50)) + "{\"type\":\"null\"}" + new string('}', 50) + "}}";

        var grammar = AnswerGrammar.ToolCalls([("a", schema)], allowsSeveral: false).Compose(vocabulary);

        Assert.InRange(grammar.Length, 1, 10_000);
    }

    [Fact]
    public async Task ToolCalls_ChainedReferencesToDeepSchemas_AreFollowedOnAnyStack()
    {
        const int References = 250;
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var definitions = Enumerable.Range(0, References).Select(static i =>
            $"\"d{i}\":" + string.Concat(Enumerable.Repeat("{\"anyOf\":[", 28)) + (i + 1 < References ? $"{{\"$ref\":\"#/$defs/d{i + 1}\"}}" : "{\"type\":\"null\"}") + string.Concat(Enumerable.Repeat("]}", 28)));
        var schema = "{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#/$defs/d0\"}},\"$defs\":{" + string.Join(',', definitions) + "}}";
        var grammar = "";

        var thread = new Thread(() => grammar = AnswerGrammar.ToolCalls([("a", schema)], allowsSeveral: false).Compose(vocabulary), 512 << 10);
        thread.Start();
        thread.Join();

        Assert.Contains("\"null\"", grammar, StringComparison.Ordinal);
        Assert.Equal("null", JsonOf(await GuidedSampler.AnswerAsync(vocabulary, AnswerGrammar.ToolCalls([("a", schema.Replace("}},\"$defs\"", "}},\"required\":[\"x\"],\"$defs\"", StringComparison.Ordinal))], allowsSeveral: false), new Random(3))));

        static string? JsonOf(List<int> tokens) => ToolCallReader.Read(tokens)[0].Arguments["x"]?.ToJsonString() ?? "null";
    }

    [Fact]
    public void ToolCalls_ReferencesThatMultiplyRules_AreRefused()
    {
        var exception = Assert.Throws<GuidanceException>(() => AnswerGrammar.ToolCalls([("a", Multiplied(200))], allowsSeveral: false));

        Assert.Contains("more than 20000 rules", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ToolCalls_AsManyRulesAsThereMayBe_BeginOrAreRefusedInTime()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var clock = Stopwatch.StartNew();

        var exception = await Record.ExceptionAsync(async () => (await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.ToolCalls([("a", Multiplied(19))], allowsSeveral: false))).Dispose());

        TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalMilliseconds:F0} ms {exception?.Message}");
        Assert.True(exception is null or GuidanceException, exception?.ToString());
    }

    // References to one definition of a thousand rules, each of which is another pointer.
    private static string Multiplied(int references)
    {
        const string Definition = "everything";
        var properties = string.Join(',', Enumerable.Range(0, 500).Select(static i => $"\"p{i}\":{{\"type\":\"string\",\"maxLength\":9}}"));
        var pointers = string.Join(',', Enumerable.Range(0, references).Select(static i =>
            $"\"r{i}\":{{\"$ref\":\"#/$defs/{string.Concat(Definition.Select((c, at) => (i >> at & 1) == 0 ? c.ToString() : $"%{(int)c:X2}"))}\"}}"));
        return $"{{\"type\":\"object\",\"properties\":{{{pointers}}},\"$defs\":{{\"{Definition}\":{{\"type\":\"object\",\"properties\":{{{properties}}}}}}}}}";
    }

    [Fact]
    public async Task ToolCalls_HundredTools_BeginInTime()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        var grammar = AnswerGrammar.ToolCalls([.. Enumerable.Range(0, 100).Select(static i => ($"tool_{i}", (string?)Weather))], allowsSeveral: true);

        Assert.NotEmpty(ToolCallReader.Read(await GuidedSampler.AnswerAsync(vocabulary, grammar, new Random(4))));
    }

    [Fact]
    public async Task ToolCalls_VocabularyWithoutTheNotation_SaysSo()
    {
        using var folder = new TemporaryFolder();
        LargeTokenizer.Write(folder.File("tokenizer.json"), 1000);
        using var vocabulary = new GuidanceVocabulary(BpeTokenizer.Load(folder.File("tokenizer.json")), new HashSet<int> { 1 });

        var exception = await Assert.ThrowsAsync<GuidanceException>(() => TokenGuide.CreateAsync(vocabulary, AnswerGrammar.ToolCalls([("a", null)], allowsSeveral: false)));

        Assert.Contains("<|tool_call>", exception.Message, StringComparison.Ordinal);
    }
}
