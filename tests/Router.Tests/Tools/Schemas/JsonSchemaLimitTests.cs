using RouterGateway.Router.Tools.Schemas;
using static RouterGateway.Router.Tests.Tools.Schemas.SchemaDocuments;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>Schemas and documents made to overflow the stack or to take for ever.</summary>
public sealed class JsonSchemaLimitTests
{
    private const string TooMuchWork = "takes too much work to check against its schema; make it smaller, or the schema simpler";

    [Theory]
    [InlineData(128, "")]
    [InlineData(129, "is nested deeper than 128 levels; make it flatter")]
    [InlineData(5_000, "is nested deeper than 128 levels; make it flatter")]
    public void Check_DeepDocument_IsRefusedBeyond128(int levels, string fault)
    {
        var schema = Schema("""{"items":{"$ref":"#"}}""");

        var faults = schema.Check(Parse(new string('[', levels + 1) + new string(']', levels + 1)));

        Assert.Equal(fault, faults.SingleOrDefault()?.Message ?? "");
    }

    [Fact]
    public void Check_DeepDocumentAndLongChain_GivesUp()
    {
        var schema = Schema("""{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"anyOf":[{"$ref":"#/$defs/c"}]},"c":{"oneOf":[{"$ref":"#"}]}}}""");

        var faults = schema.Check(Parse(new string('[', 128) + new string(']', 128)));

        Assert.Equal(["/: is nested too deep to check against its schema; make it flatter, or the schema simpler"], faults.Select(static fault => fault.ToString()));
    }

    [Theory]
    [InlineData("""{"anyOf":[{"items":{"$ref":"#"},"minItems":9},{"items":{"$ref":"#"},"minItems":9}]}""")]
    [InlineData("""{"oneOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}},{"type":"integer"}]}""")]
    [InlineData("""{"not":{"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}}""")]
    [InlineData("""{"allOf":[{"unevaluatedItems":{"$ref":"#"}},{"items":{"$ref":"#"}}]}""")]
    public void Check_BranchesWithinBranches_GivesUp(string json)
    {
        var schema = Schema(json);

        var faults = schema.Check(Parse(new string('[', 100) + new string(']', 100)), 8, out var steps);

        Assert.Equal(["/: " + TooMuchWork], faults.Select(static fault => fault.ToString()));
        Assert.InRange(steps, SchemaCheck.MostSteps, SchemaCheck.MostSteps * 2);
    }

    [Fact]
    public void Check_DoublingReferences_GivesUp()
    {
        var links = Enumerable.Range(0, 40).Select(static i => $$"""
            "{{i}}":{"allOf":[{"$ref":"#/$defs/{{i + 1}}"},{"$ref":"#/$defs/{{i + 1}}"}]}
            """);
        var schema = Schema($$"""{"$ref":"#/$defs/0","$defs":{ {{string.Join(',', links)}},"40":{"type":"integer"} } }""");

        var faults = schema.Check(Parse("1"));

        Assert.Equal(["/: " + TooMuchWork], faults.Select(static fault => fault.ToString()));
    }

    [Fact]
    public void Check_LargeArrayOfUniqueItems_TakesStepsInProportion()
    {
        var schema = Schema("""{"uniqueItems":true}""");

        var faults = schema.Check(Parse($"[{string.Join(',', Enumerable.Range(0, 200_000))}]"), 8, out var steps);

        Assert.Empty(faults);
        Assert.InRange(steps, 200_000, 400_000);
    }

    [Fact]
    public void Check_TooManyValues_IsRefused()
    {
        var faults = Schema("true").Check(Parse($"[{string.Join(',', Enumerable.Range(0, 250_000))}]"));

        Assert.Equal(["/: has more than 250000 values; make it smaller"], faults.Select(static fault => fault.ToString()));
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("^(a|a)*$")]
    [InlineData("^(a|aa)+$")]
    public void Check_PatternThatBacktracksForEver_NeedNotBacktrack(string pattern)
    {
        var faults = Check($$"""{"pattern":"{{pattern}}"}""", $"\"{new string('a', 5000)}!\"");

        Assert.StartsWith("/: must match the pattern", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_PatternThatMustBacktrack_GivesUp()
    {
        var faults = Check("""{"items":{"pattern":"^(?=x?)(a+)+$"}}""", $"[\"{new string('a', 5000)}!\",5]");

        Assert.Equal(["/: cannot be checked against its schema: the pattern ^(?=x?)(a+)+$ takes too long; simplify the pattern"], faults);
    }

    [Fact]
    public void TryCreate_PatternThatWouldBeAHugeAutomaton_Backtracks()
    {
        var faults = Check("""{"pattern":"^((((a{50}){50}){50}){50}){50}$"}""", "\"aaa\"");

        Assert.Single(faults);
    }

    [Fact]
    public void Check_DynamicReferenceInACircle_GivesUp()
    {
        var schema = Schema("""{"$id":"outer","$dynamicAnchor":"a","$ref":"inner","$defs":{"i":{"$id":"inner","$dynamicRef":"#a","$defs":{"b":{"$dynamicAnchor":"a"}}}}}""");

        var faults = schema.Check(Parse("1"));

        Assert.Contains("nested too deep", Assert.Single(faults).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_BranchesThatExplainEachOther_StayShort()
    {
        const string Branch = """{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}},"minProperties":1}""";
        var document = "1";
        for (var level = 0; level < 6; level++)
        {
            document = $$"""{"a":{{document}},"b":{{document}},"c":{"x":{{document}} } }""";
        }

        var faults = Schema($$"""{"type":"object","anyOf":[ {{Branch}}, {{Branch}} ] }""").Check(Parse(document));

        Assert.All(faults, static fault => Assert.InRange(fault.Message.Length, 1, 600));
    }
}
