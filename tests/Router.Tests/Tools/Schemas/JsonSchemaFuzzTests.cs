using System.Globalization;
using System.Text;
using System.Text.Json;
using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>Schemas and documents that nobody would write.</summary>
public sealed class JsonSchemaFuzzTests
{
    private static readonly JsonDocumentOptions _deep = new() { MaxDepth = 1000 };

    private static readonly (string Schema, string Document)[] _valid =
    [
        ("""{"type":"object","properties":{"city":{"type":"string","minLength":2,"pattern":"^[A-Z].*$"},"unit":{"enum":["celsius","fahrenheit",null]},"days":{"type":"integer","minimum":1,"maximum":14,"multipleOf":1}},"required":["city"],"additionalProperties":false}""",
            """{"city":"Bonn","unit":"celsius","days":3}"""),
        ("""{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/tree"},"uniqueItems":true}},"required":["name"]}}}""",
            """{"name":"a","children":[{"name":"b"},{"name":"c","children":[]}]}"""),
        ("""{"oneOf":[{"title":"A","properties":{"kind":{"const":"a"},"x":{"type":"number","exclusiveMinimum":0}},"required":["kind","x"]},{"properties":{"kind":{"const":"b"}},"required":["kind"]}],"unevaluatedProperties":false}""",
            """{"kind":"a","x":1.5e3}"""),
        ("""{"$id":"http://a.example/r","$dynamicAnchor":"n","anyOf":[{"type":"array","prefixItems":[{"type":"string"}],"items":{"$dynamicRef":"#n"},"contains":{"minimum":1},"minContains":0},{"type":"integer"},{"$ref":"inner#x"}],"$defs":{"i":{"$id":"inner","$defs":{"x":{"$anchor":"x","type":"object","propertyNames":{"maxLength":3},"patternProperties":{"^a":{"$dynamicRef":"http://a.example/r#n"}}}}}}}""",
            """["s",1,["t",2,{"ab":3}]]"""),
        ("""{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"dependentRequired":{"a":["b"]}},"else":{"not":{"required":["b"]}},"dependencies":{"c":["a"],"b":{"minProperties":2}},"allOf":[{"unevaluatedProperties":{"type":["integer","null"]}}]}""",
            """{"a":1,"b":2}"""),
    ];

    private static readonly string[] _tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "0", "-1", "1e400", "1e-9", "2.50", "null", "true", "false", "\"\\ud800\"", "\"\\udc00x\"", "\"#\"", "\"a\"", "{}", "[]",
        "\"$ref\"", "\"#/$defs/tree\"", "\"#/properties\"", "\"type\"", "\"string\"", "\"items\"", "\"not\"", "\"anyOf\"", "\"$id\"", "\"properties\"", "\"(a+)+$\"", "\"[\"", "\"http://[\"", "\"urn:x\"", "9007199254740993",
    ];

    private static readonly string[] _keywords =
    [
        "type", "enum", "const", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "prefixItems", "items",
        "additionalItems", "contains", "minContains", "maxContains", "uniqueItems", "minItems", "maxItems", "properties", "patternProperties", "additionalProperties", "propertyNames",
        "required", "dependentRequired", "dependentSchemas", "dependencies", "minProperties", "maxProperties", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        "unevaluatedItems", "unevaluatedProperties", "$ref", "$dynamicRef", "$defs", "$anchor", "$dynamicAnchor", "$id", "$schema", "title",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Check_RandomSchemasAndDocuments_AlwaysAnswers(int seed)
    {
        var random = new Random(seed);
        var accepted = 0;

        for (var i = 0; i < 3000; i++)
        {
            accepted += Try(Schema(random, 4), Value(random, 4)) ? 1 : 0;
        }

        Assert.InRange(accepted, 300, 2999);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Check_MutatedValidOnes_AlwaysAnswers(int seed)
    {
        var random = new Random(seed);
        var (accepted, tried) = (0, 0);

        for (var i = 0; i < 6000; i++)
        {
            var (schema, document) = _valid[random.Next(_valid.Length)];
            var (mutatedSchema, mutatedDocument) = (random.Next(2) == 0 ? schema : Mutate(random, schema), Mutate(random, document));
            if (IsJson(mutatedSchema) && IsJson(mutatedDocument))
            {
                tried++;
                accepted += Try(mutatedSchema, mutatedDocument) ? 1 : 0;
            }
        }

        Assert.True(tried > 500, $"{tried} were JSON");
        Assert.InRange(accepted, 200, tried);
    }

    [Fact]
    public void Check_WhatIsMutated_IsValidBefore()
    {
        var faults = _valid.SelectMany(static pair => SchemaDocuments.Check(pair.Schema, pair.Document));

        Assert.Empty(faults);
    }

    /// <returns>Whether the schema could be used.</returns>
    private static bool Try(string schema, string document)
    {
        using var parsedSchema = JsonDocument.Parse(schema, _deep);
        using var parsedDocument = JsonDocument.Parse(document, _deep);
        if (!JsonSchema.TryCreate(parsedSchema.RootElement, out var read, out var fault))
        {
            Assert.Matches("^\".*\" .*\\.$", fault);
            Assert.Equal(fault, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(fault))); // it can be sent
            return false;
        }

        var faults = read.Check(parsedDocument.RootElement, 8, out var steps);
        var few = read.Check(parsedDocument.RootElement, 1);

        Assert.True(steps < SchemaCheck.MostSteps * 2L, schema);
        Assert.InRange(faults.Count, 0, 8);
        Assert.Equal(faults.Take(1), few);
        Assert.All(faults, found =>
        {
            Assert.StartsWith("/", found.Path, StringComparison.Ordinal);
            Assert.InRange(found.Message.Length, 1, 2000);
            Assert.Equal(found.ToString(), Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(found.ToString())));
        });
        return true;
    }

    private static bool IsJson(string text)
    {
        try
        {
            JsonDocument.Parse(text, _deep).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Mutate(Random random, string text)
    {
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var (at, other) = (random.Next(text.Length), random.Next(text.Length));
            text = random.Next(4) switch
            {
                0 => text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at)) + " ",
                1 => text.Insert(at, _tokens[random.Next(_tokens.Length)]),
                2 => text.Insert(at, text.Substring(other, Math.Min(random.Next(1, 40), text.Length - other))),
                _ => text[..at] + text[at..].Replace(Word(random, text), _tokens[random.Next(_tokens.Length)], StringComparison.Ordinal),
            };
        }

        return text;
    }

    private static string Word(Random random, string text)
    {
        var words = text.Split('{', '}', '[', ']', ',', ':').Where(static word => word.Length > 0).ToArray();
        return words.Length == 0 ? " " : words[random.Next(words.Length)];
    }

    private static string Schema(Random random, int depth)
    {
        if (depth == 0 || random.Next(8) == 0)
        {
            return random.Next(6) switch { 0 => "false", 1 => """{"$ref":"#"}""", 2 => """{"type":"integer"}""", 3 => """{"type":["string","null"]}""", _ => "true" };
        }

        var keywords = Enumerable.Range(0, random.Next(1, 4)).Select(_ => _keywords[random.Next(_keywords.Length)]).Distinct();
        return $"{{{string.Join(',', keywords.Select(keyword => $"\"{keyword}\":{(random.Next(40) == 0 ? Value(random, 2) : Argument(random, keyword, depth - 1))}"))}}}";
    }

    private static string Argument(Random random, string keyword, int depth) => keyword switch
    {
        "type" => random.Next(3) switch { 0 => "\"object\"", 1 => "[\"array\",\"string\"]", _ => "\"number\"" },
        "enum" => $"[{Value(random, 2)},{Value(random, 1)}]",
        "const" => Value(random, 2),
        "multipleOf" => random.Next(2) == 0 ? "0.1" : "3",
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" => Number(random),
        "pattern" => random.Next(3) switch { 0 => "\"^(a|b)*$\"", 1 => "\"(?=a).\"", _ => "\"\\\\w[^a]\"" },
        "uniqueItems" => "true",
        "required" => "[\"a\",\"b\"]",
        "dependentRequired" => """{"a":["b","c"]}""",
        "prefixItems" or "allOf" or "anyOf" or "oneOf" => $"[{Schema(random, depth)},{Schema(random, depth)}]",
        "properties" or "patternProperties" or "dependentSchemas" or "dependencies" or "$defs" => $$"""{"a":{{Schema(random, depth)}},"b":{{Schema(random, depth)}} }""",
        "$ref" or "$dynamicRef" => random.Next(5) switch { 0 => "\"#\"", 1 => "\"#n\"", 2 => "\"#/$defs/a\"", 3 => "\"a.json\"", _ => "\"#/properties/b\"" },
        "$anchor" or "$dynamicAnchor" => "\"n\"",
        "$id" => random.Next(2) == 0 ? "\"a.json\"" : "\"urn:a:b\"",
        "$schema" => "\"http://json-schema.org/draft-07/schema#\"",
        "title" => "\"T\\ud800\"",
        _ when keyword.StartsWith("min", StringComparison.Ordinal) || keyword.StartsWith("max", StringComparison.Ordinal) => random.Next(4).ToString(CultureInfo.InvariantCulture),
        _ => Schema(random, depth),
    };

    private static string Value(Random random, int depth) => random.Next(depth == 0 ? 5 : 8) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => Number(random),
        3 => "\"a\"",
        4 => random.Next(3) switch { 0 => "\"\\ud83d\\ude00\"", 1 => "\"\\ud83d\"", _ => "\"abab\"" },
        5 => $"[{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => Value(random, depth - 1)))}]",
        _ => $"{{{string.Join(',', new[] { "a", "b", "c", "\\udfff", "~/" }.Where(_ => random.Next(2) == 0).Select(name => $"\"{name}\":{Value(random, depth - 1)}"))}}}",
    };

    private static string Number(Random random) => random.Next(6) switch
    {
        0 => "1e400",
        1 => "-0.0",
        2 => "1e-400",
        3 => "123456789012345678901234567890.5",
        _ => random.Next(-3, 12).ToString(CultureInfo.InvariantCulture),
    };
}
