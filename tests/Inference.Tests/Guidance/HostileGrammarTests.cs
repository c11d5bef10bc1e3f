using System.Diagnostics;
using System.Text.Json;
using RouterGateway.Inference.Guidance;

namespace RouterGateway.Inference.Tests.Guidance;

public sealed class HostileGrammarTests
{
    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("true", "not a JSON object")]
    [InlineData("""{"type":"object","type":"string"}""", "not valid JSON")]
    [InlineData("""{"type":"objekt"}""", "objekt")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"array","unevaluatedItems":false}}}""", "unevaluatedItems")]
    [InlineData("""{"not":{"type":"string"}}""", "not")]
    [InlineData("""{"if":{"type":"string"}}""", "if")]
    [InlineData("""{"type":"string","format":"regex"}""", "regex")]
    [InlineData("""{"type":"string","pattern":"(a+)+(?=b)"}""", "look-around")]
    [InlineData("""{"type":"string","pattern":"["}""", "regex")]
    [InlineData("""{"$ref":"https://example.com/schema.json"}""", "example.com")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "none")]
    [InlineData("""{"$ref":"#"}""", "no answer satisfies it")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""", "no answer satisfies it")]
    [InlineData("""{"type":"array","minItems":1000000000}""", "minItems")]
    [InlineData("""{"type":"array","maxItems":1e300}""", "maxItems")]
    [InlineData("""{"type":"integer","minimum":9223372036854775807,"maximum":-3}""", "minimum")]
    [InlineData("""{"type":"integer","minimum":1e300}""", "integer range")]
    [InlineData("""{"const":"\ud800"}""", "hex escape")]
    [InlineData("""{"properties":{"\ud800":{}},"required":["\ud800"]}""", "surrogate")]
    [InlineData("""{"properties":{"a":{}},"required":["\ud800"]}""", "surrogate")]
    public async Task JsonSchema_MalformedOrUnsupported_SaysWhy(string schema, string problem)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();

        var exception = await Assert.ThrowsAsync<GuidanceException>(async () => await TokenGuide.CreateAsync(vocabulary, AnswerGrammar.JsonSchema(schema)));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.InRange(exception.Message.Length, 1, 500);
    }

    public static readonly TheoryData<string> Costly =
    [
        """{"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000,"items":{"type":"array","maxItems":1000}}}""",
        """{"type":"string","maxLength":1000000000,"minLength":1000000000}""",
        """{"type":"string","pattern":"(((a{1000}){1000}){1000}){1000}"}""",
        """{"type":"string","pattern":"^(a|b)*a(a|b){60}$"}""",
        """{"type":"object","minProperties":90000,"maxProperties":100000}""",
        """{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""",
        """{"type":"number","multipleOf":1e-300}""",
        Many("{\"type\":\"object\",\"properties\":{", 300, "}}", static i => $"\"a{i}\":{{\"type\":\"array\",\"maxItems\":{i + 700},\"items\":{{\"type\":\"array\",\"maxItems\":{i + 700}}}}}"),
        Many("{\"type\":\"object\",\"properties\":{", 4000, "}}", static i => $"\"a{i}\":{{\"type\":\"string\"}}"),
        Many("{\"enum\":[", 10000, "]}", static i => $"\"v{i * 7919 % 100003}\""),
        Many("{\"anyOf\":[", 1000, "]}", static i => $"{{\"type\":\"object\",\"properties\":{{\"a\":{{\"const\":\"x{i}\"}},\"b\":{{\"type\":\"string\",\"pattern\":\"^x{i}.*y$\"}}}}}}"),
        Many("{\"allOf\":[", 24, "]}", static i => $"{{\"anyOf\":[{Only($"a{i}")},{Only($"b{i}")}]}}"),
        Many("{\"allOf\":[", 12, "]}", static i => $"{{\"type\":\"string\",\"pattern\":\"a{i}.*\"}}"),
        Many("{\"allOf\":[", 50, "]}", static i => $"{{\"type\":\"string\",\"pattern\":\"a{i}.*\"}}"),
        Many("{\"$ref\":\"#/$defs/a0\",\"$defs\":{", 40, ",\"a40\":{}}}", static i => $"\"a{i}\":{{\"$ref\":\"#/$defs/a{i + 1}\",\"pattern\":\"b{i}.*\"}}"),
        string.Concat(Enumerable.Repeat("{\"items\":", 60)) + "{}" + new string('}', 60),
    ];

    [Theory]
    [MemberData(nameof(Costly))]
    public async Task JsonSchema_Costly_IsFollowedOrRefusedInTime(string schema)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        _ = vocabulary.Handle;
        var clock = Stopwatch.StartNew();

        var exception = await Record.ExceptionAsync(() => BeginAsync(vocabulary, AnswerGrammar.JsonSchema(schema)));

        TestContext.Current.TestOutputHelper?.WriteLine($"{clock.Elapsed.TotalMilliseconds:F0} ms {exception?.Message}");
        Assert.True(exception is null or GuidanceException, exception?.ToString());
    }

    [Fact]
    public void JsonSchema_TooLongOrTooDeep_IsRefused()
    {
        Assert.Throws<GuidanceException>(static () => AnswerGrammar.JsonSchema($$"""{"description":"{{new string('x', 1 << 18)}}"}"""));
        Assert.Throws<GuidanceException>(static () => AnswerGrammar.JsonSchema(string.Concat(Enumerable.Repeat("{\"items\":", 100)) + "{}" + new string('}', 100)));
    }

    [Theory]
    [InlineData("[[:foo")]
    [InlineData("(?=a)b")]
    [InlineData("((((((((((((((((((((")]
    public async Task JsonSchema_MalformedPattern_IsRefused(string pattern)
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();

        await Assert.ThrowsAsync<GuidanceException>(async () => await TokenGuide.CreateAsync(vocabulary, ByPattern(pattern)));
    }

    [Fact]
    public async Task JsonSchema_DeepOrLongPattern_IsFollowedOrRefused()
    {
        using var vocabulary = GuidedSampler.CreateVocabulary();
        foreach (var pattern in new[] { new string('(', 30000) + new string(')', 30000), new string('a', 1 << 17), "(.*a.{50}){50}", string.Join('|', Enumerable.Range(0, 5000)) })
        {
            var exception = await Record.ExceptionAsync(() => BeginAsync(vocabulary, ByPattern(pattern)));

            Assert.True(exception is null or GuidanceException, exception?.ToString());
        }
    }

    private static AnswerGrammar ByPattern(string pattern) => AnswerGrammar.JsonSchema($"{{\"type\":\"string\",\"pattern\":{JsonSerializer.Serialize(pattern)}}}");

    private static string Many(string before, int count, string after, Func<int, string> part) => before + string.Join(',', Enumerable.Range(0, count).Select(part)) + after;

    private static string Only(string property) => $"{{\"type\":\"object\",\"properties\":{{\"{property}\":{{\"type\":\"integer\"}}}},\"required\":[\"{property}\"]}}";

    private static async Task BeginAsync(GuidanceVocabulary vocabulary, AnswerGrammar grammar)
    {
        using var guide = await TokenGuide.CreateAsync(vocabulary, grammar);
        var logits = new float[4096];
        var random = new Random(1);
        for (var i = 0; i < 30 && !guide.IsComplete; i++)
        {
            var allowed = GuidedSampler.Allowed(guide, logits);
            guide.Accept(allowed[random.Next(allowed.Count)]);
        }
    }
}
