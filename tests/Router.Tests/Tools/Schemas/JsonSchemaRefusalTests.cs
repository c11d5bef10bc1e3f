using static RouterGateway.Router.Tests.Tools.Schemas.SchemaDocuments;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>Schemas that cannot be used, and what is said about them.</summary>
public sealed class JsonSchemaRefusalTests
{
    [Theory]
    [InlineData("[]", "\"/\" must be a schema, which is an object, true or false.")]
    [InlineData("\"string\"", "\"/\" must be a schema, which is an object, true or false.")]
    [InlineData("""{"type":"strin"}""", "\"/type\" must be string, integer, number, boolean, array, object or null; it is \"strin\".")]
    [InlineData("""{"type":{}}""", "\"/type\" must be the name of a type, or an array of such names.")]
    [InlineData("""{"properties":{"a":{"minLength":"5"}}}""", "\"/properties/a/minLength\" must be a whole number of 0 or more; it is \"5\".")]
    [InlineData("""{"properties":{"a":{"required":true}}}""", "\"/properties/a/required\" must be an array of property names.")]
    [InlineData("""{"properties":[]}""", "\"/properties\" must be an object whose values are schemas; it is [].")]
    [InlineData("""{"properties":{"a":"string"}}""", "\"/properties/a\" must be a schema, which is an object, true or false; it is \"string\".")]
    [InlineData("""{"anyOf":[]}""", "\"/anyOf\" must be an array of schemas, with at least one.")]
    [InlineData("""{"enum":"a"}""", "\"/enum\" must be an array of the allowed values.")]
    [InlineData("""{"maximum":"5"}""", "\"/maximum\" must be a number; it is \"5\".")]
    [InlineData("""{"multipleOf":0}""", "\"/multipleOf\" must be a number above 0.")]
    [InlineData("""{"uniqueItems":1}""", "\"/uniqueItems\" must be true or false; it is 1.")]
    [InlineData("""{"$ref":5}""", "\"/$ref\" must be a string; it is 5.")]
    [InlineData("""{"$ref":"#/$defs/a"}""", "\"/$ref\" leads nowhere: there is no \"/$defs/a\" in this schema; add it or correct the path.")]
    [InlineData("""{"$ref":"#a"}""", "\"/$ref\" leads to the anchor \"a\", which nothing in this schema has; add it or correct the name.")]
    [InlineData("""{"$ref":"https://example.com/a.json"}""", "\"/$ref\" leads to \"https://example.com/a.json\", which is not in this schema; copy it under \"$defs\" and refer to it there, because nothing is fetched.")]
    [InlineData("""{"$ref":"#"}""", "\"/\" leads back to itself without going into a property or an item; break the circle of references.")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", "\"/$defs/a\" leads back to itself without going into a property or an item; break the circle of references.")]
    [InlineData("""{"type":"string","type":"null"}""", "\"/\" has \"type\" twice; keep one.")]
    [InlineData("""{"pattern":"(a"}""", "\"/pattern\" has the pattern \"(a\", which has a group that is not closed; add \")\".")]
    [InlineData("""{"pattern":"a)"}""", "\"/pattern\" has the pattern \"a)\", which closes a group that was not opened; remove the \")\" or write \"\\)\".")]
    [InlineData("""{"pattern":"[a"}""", "\"/pattern\" has the pattern \"[a\", which has a set of characters that is not closed; add \"]\".")]
    [InlineData("""{"pattern":"a**"}""", "\"/pattern\" has the pattern \"a**\", which is no regular expression that can be used here (at offset 3. Nested quantifier '*'); correct it.")]
    public void TryCreate_UnusableSchema_SaysWhatAndWhere(string schema, string expected)
    {
        var fault = Fault(schema);

        Assert.Equal(expected, fault);
    }

    [Fact]
    public void TryCreate_TooLarge_IsRefused()
    {
        var fault = Fault($$"""{"description":"{{new string('x', 70_000)}}"}""");

        Assert.Contains("shorten it to 65536", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    [InlineData(5_000, false)]
    public void TryCreate_Deep_IsRefusedBeyond64(int levels, bool isAccepted)
    {
        var schema = string.Concat(Enumerable.Repeat("{\"not\":", levels)) + "true" + new string('}', levels);

        var fault = isAccepted ? "" : Fault(schema);

        if (isAccepted)
        {
            Schema(schema);
            return;
        }

        Assert.Equal("\"/\" is nested deeper than 64 levels; make it flatter.", fault);
    }

    [Fact]
    public void TryCreate_TooManySchemas_IsRefused()
    {
        var fault = Fault($$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("{}", 10_000))}}]}""");

        Assert.EndsWith("is one schema too many: no more than 10000 are allowed.", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryCreate_LongChainOfReferences_IsRefused()
    {
        var links = Enumerable.Range(0, 1000).Select(static i => $$"""
            "{{i}}":{"$ref":"#/$defs/{{i + 1}}"}
            """);

        var fault = Fault($$"""{"$ref":"#/$defs/0","$defs":{ {{string.Join(',', links)}},"1000":true} }""");

        Assert.Contains("chain of more than 128 schemas", fault, StringComparison.Ordinal);
    }
}
