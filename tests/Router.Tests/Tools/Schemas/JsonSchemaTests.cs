using static RouterGateway.Router.Tests.Tools.Schemas.SchemaDocuments;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>What faults say; which documents have them is the official suite's business.</summary>
public sealed class JsonSchemaTests
{
    private const string Weather = """
        {
          "type": "object",
          "properties": {
            "city": { "type": "string", "minLength": 2 },
            "unit": { "enum": ["celsius", "fahrenheit"] },
            "days": { "type": "integer", "minimum": 1, "maximum": 14 },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 2, "uniqueItems": true }
          },
          "required": ["city"],
          "additionalProperties": false
        }
        """;

    private const string Payment = """
        {
          "anyOf": [
            { "title": "Card", "properties": { "kind": { "const": "card" }, "number": { "type": "string" } }, "required": ["kind", "number"] },
            { "title": "Bank", "properties": { "kind": { "const": "bank" }, "iban": { "type": "string" } }, "required": ["kind", "iban"] }
          ]
        }
        """;

    [Theory]
    [InlineData("""{"city":"Bonn","unit":"celsius","days":3.0,"tags":["a","b"]}""")]
    [InlineData("""{"city":"Bonn"}""", "")]
    [InlineData("""{"city":"Bonn","unit":"kelvin"}""", "/unit: must be one of \"celsius\", \"fahrenheit\"; it is \"kelvin\"")]
    [InlineData("{}", "/: \"city\" is missing")]
    [InlineData("""{"cty":"Bonn"}""", "/: \"city\" is missing", "/cty: is not known here; did you mean \"city\"?")]
    [InlineData("""{"city":"Bonn","colour":1}""", "/colour: is not known here; leave it out, or use \"unit\", \"days\" or \"tags\"")]
    [InlineData("""{"city":"Bonn","days":"3"}""", "/days: must be an integer; it is \"3\"")]
    [InlineData("""{"city":"Bonn","days":2.5}""", "/days: must be an integer; it is 2.5")]
    [InlineData("""{"city":"Bonn","days":1e400}""", "/days: must be at most 14; it is 1e400")]
    [InlineData("""{"city":"B","days":0}""", "/city: must have at least 2 characters; it has 1", "/days: must be at least 1; it is 0")]
    [InlineData("""{"days":0,"city":5}""", "/days: must be at least 1; it is 0", "/city: must be a string; it is 5")]
    [InlineData("""{"city":"Bonn","tags":["a","a"]}""", "/tags: must have no item twice; items 0 and 1 are both \"a\"")]
    [InlineData("""{"city":"Bonn","tags":["a","b",{}]}""", "/tags: must have at most 2 items; it has 3", "/tags/2: must be a string; it is {}")]
    [InlineData("[1]", "/: must be an object; it is an array of 1 item")]
    [InlineData("""{"city":"Bonn","city":"Köln"}""", "/: has \"city\" twice; keep one")]
    public void Check_ArgumentsOfATool_SaysWhatToChange(string document, params string[] faults)
    {
        var expected = faults.Where(static fault => fault.Length > 0);

        var found = Check(Weather, document);

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("""{"kind":"card"}""", "/: fits none of 2 forms; for the nearest one, form 1 (\"Card\"): \"number\" is missing")]
    [InlineData("""{"kind":"bank","iban":5}""", "/: fits none of 2 forms; for the nearest one, form 2 (\"Bank\"): /iban: must be a string; it is 5")]
    public void Check_FormsToldApartByAConstant_ExplainsTheOneThatWasMeant(string document, string fault)
    {
        var found = Check(Payment, document);

        Assert.Equal([fault], found);
    }

    [Theory]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"null"}]}""", "5", "/: must be a string or null; it is 5")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":["integer","null"]},{"const":true}]}""", "[]", "/: must be a string, an integer or null or true; it is []")]
    [InlineData("""{"anyOf":[{"type":"object","required":["a"]},{"type":"null"}]}""", "{}", "/: \"a\" is missing")]
    [InlineData("""{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"string"}]}""", "[1,2]", "/0: must be a string; it is 1", "/1: must be a string; it is 2")]
    [InlineData("""{"oneOf":[{"const":"a"},{"const":"b"}]}""", "\"c\"", "/: must be \"a\" or \"b\"; it is \"c\"")]
    [InlineData("""{"oneOf":[{"minimum":1},{"maximum":5},{"type":"string"}]}""", "3", "/: must match exactly one of 3 forms, but matches form 1 and form 2; make it fit only one")]
    [InlineData("""{"not":{"const":3}}""", "3", "/: must not be 3")]
    [InlineData("""{"not":{"required":["a","b"]}}""", """{"a":1,"b":2}""", "/: must not have \"a\" together with \"b\"")]
    [InlineData("""{"not":{"type":["string","null"]}}""", "null", "/: must not be a string or null")]
    [InlineData("""{"not":{}}""", "1", "/: has a form that its schema forbids under \"not\"; change it")]
    [InlineData("""{"if":{"required":["a"]},"then":{"required":["b"]}}""", """{"a":1}""", "/: \"b\" is missing")]
    [InlineData("""{"dependentRequired":{"a":["b"]}}""", """{"a":1}""", "/: \"b\" is missing; it must be there because \"a\" is")]
    [InlineData("""{"propertyNames":{"pattern":"^[a-z]+$"}}""", """{"A~/b":1}""", "/A~0~1b: the name of this property is not allowed: it must match the pattern ^[a-z]+$; it is \"A~/b\"")]
    [InlineData("""{"properties":{"a":false}}""", """{"a":1}""", "/a: is not allowed here; leave it out")]
    [InlineData("""{"contains":{"type":"integer"},"minContains":2}""", "[1]", "/: must contain at least 2 of the items that its schema describes under \"contains\", an integer; it contains 1")]
    [InlineData("""{"prefixItems":[true],"items":false}""", "[1,2]", "/1: is an item too many; leave it out")]
    [InlineData("""{"allOf":[{"properties":{"user_name":true}}],"unevaluatedProperties":false}""", """{"userName":1}""", "/userName: is not known here; did you mean \"user_name\"?")]
    [InlineData("""{"multipleOf":0.01}""", "19.999", "/: must be a multiple of 0.01; it is 19.999")]
    [InlineData("""{"const":{"a":[1,"x"]}}""", "{}", "/: must be {\"a\":[1,\"x\"]}; it is {}")]
    [InlineData("""{"minimum":3,"exclusiveMinimum":true}""", "3", "/: must be more than 3; it is 3")]
    public void Check_Keyword_SaysWhatItAsks(string schema, string document, params string[] faults)
    {
        var found = Check(schema, document);

        Assert.Equal(faults, found);
    }

    [Theory]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1e400", "1e401")]
    [InlineData("0.1", "0.10000000000000000000000000000000000000001")]
    [InlineData("1e-400", "0")]
    [InlineData("-1e999999999999999999999", "1e999999999999999999999")]
    public void Check_NumbersBeyondDouble_TellsThemApart(string one, string other)
    {
        var schema = $$"""{"const":{{one}}}""";

        var (same, different) = (Check(schema, one), Check(schema, other));

        Assert.Empty(same);
        Assert.Single(different);
    }

    [Theory]
    [InlineData("1e400", "7", false)]
    [InlineData("1e400", "5", true)]
    [InlineData("0.0075", "0.0001", true)]
    [InlineData("1e308", "0.123456789", false)]
    [InlineData("12391239123", "1e-8", true)]
    [InlineData("1", "1e400", false)]
    [InlineData("-0.0", "3", true)]
    public void Check_MultipleOf_IsExact(string number, string divisor, bool isMultiple)
    {
        var found = Check($$"""{"multipleOf":{{divisor}}}""", number);

        Assert.Equal(isMultiple, found.Length == 0);
    }

    [Fact]
    public void Check_LongValue_IsShortened()
    {
        var found = Check("""{"type":"integer"}""", $"\"{new string('x', 5000)}\"");

        Assert.Equal([$"/: must be an integer; it is \"{new string('x', 60)}…\""], found);
    }

    [Fact]
    public void Check_HalvesOfSurrogatePairs_AreCharactersLikeOthers()
    {
        const string Document = """{"\ud800":"\udc00x","b":"\ud83d\ude00"}""";

        var valid = Check("""{"additionalProperties":{"maxLength":2},"properties":{"b":{"maxLength":1}}}""", Document);
        var faults = Check("""{"additionalProperties":{"maxLength":1},"properties":{"b":{"const":"x"}}}""", Document);

        Assert.Empty(valid);
        Assert.Equal(["/\uFFFD: must have at most 1 character; it has 2", "/b: must be \"x\"; it is \"😀\""], faults.Select(static fault => fault.Replace("\\uD83D\\uDE00", "😀", StringComparison.Ordinal)));
    }

    [Fact]
    public void Check_ManyFaults_SaysTheFirstOnes()
    {
        var document = $"[{string.Join(',', Enumerable.Repeat("1", 1000))}]";

        var (usual, fewer) = (Check("""{"items":{"type":"string"}}""", document), Check("""{"items":{"type":"string"}}""", document, maxFaults: 2));

        Assert.Equal(8, usual.Length);
        Assert.Equal(["/0: must be a string; it is 1", "/1: must be a string; it is 1"], fewer);
    }

    [Fact]
    public void Check_DisposedSchemaDocument_StillWorks()
    {
        RouterGateway.Router.Tools.Schemas.JsonSchema? schema;
        using (var document = System.Text.Json.JsonDocument.Parse("""{"enum":[{"a":1}]}"""))
        {
            RouterGateway.Router.Tools.Schemas.JsonSchema.TryCreate(document.RootElement, out schema, out _);
        }

        var faults = schema!.Check(Parse("""{"a":1.0}"""));

        Assert.Empty(faults);
    }
}
