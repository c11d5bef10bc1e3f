using System.Text;
using System.Text.Json;
using Microsoft.OpenApi;
using RouterGateway.Gateway.Tools;
using RouterGateway.Gateway.Tools.OpenApi;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.OpenApi;

public sealed class OpenApiExportTests
{
    private static readonly string[] _parameters =
    [
        """{"type":"object","properties":{}}""",
        """{"type":"object","properties":{"city":{"type":"string","description":"Where"},"days":{"type":"integer","minimum":1,"maximum":7}},"required":["city"],"additionalProperties":false}""",
        """{"type":"object","properties":{"tree":{"$ref":"#/$defs/Node"},"again":{"$ref":"#"},"first":{"$ref":"#/properties/tree"}},"$defs":{"Node":{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}}}}}""",
        """{"type":"object","$ref":"#/$defs/All","$defs":{"All":{"properties":{"x":true,"y":false,"z":{"const":5}}}}}""",
        """{"type":"object","properties":{"$ref":{"type":"string"},"e":{"enum":[{"$ref":"#/$defs/no"},null,1.50]},"d":{"default":{"$ref":"#/no"}}},"if":{"properties":{"e":{"const":1}}},"then":{"required":["d"]},"patternProperties":{"^x-":{"prefixItems":[{"type":"string"}],"items":false}}}""",
        """{"type":"object","properties":{"n":{"type":["string","null"],"nullable":true,"example":"x","exclusiveMinimum":1}},"allOf":[{"required":["n"]}],"title":"t","x-mine":[1]}""",
    ];

    [Fact]
    public void Write_Imported_SameNamesDescriptionsAndParameters()
    {
        // arrange
        var tools = Tools();

        // act
        var result = OpenApiImport.Read(OpenApiExport.Write(tools, "https://gateway.example.com"), null, new Dictionary<string, string> { ["bearer"] = "gateway-key" });

        // assert
        Assert.Null(result.Fault);
        Assert.Empty(result.Skipped);
        Assert.Equal(tools.Select(static tool => tool.Name), result.Tools.Select(static tool => tool.Name));
        Assert.Equal(tools.Select(static tool => tool.Definition.Description), result.Tools.Select(static tool => tool.Description));
        Assert.All(tools.Zip(result.Tools), static pair =>
            Assert.True(JsonElement.DeepEquals(pair.First.Definition.Parameters, pair.Second.Parameters), $"{pair.First.Definition.Parameters}\n{pair.Second.Parameters}"));
        var target = Assert.IsType<HttpTarget>(result.Tools[1].Target);
        Assert.Equal("https://gateway.example.com/v1/tools/tool-1/call", target.Url);
        Assert.Equal("POST", target.Method);
        Assert.Equal(new ToolHeader { Secret = "gateway-key", Prefix = "Bearer " }, target.Headers["Authorization"]);
    }

    [Fact]
    public void Write_ParametersWithoutType_AreAnObject()
    {
        // act
        var result = OpenApiImport.Read(OpenApiExport.Write([Tool("any", "", "{}")], "https://gateway.example.com"), null);

        // assert
        Assert.Equal("""{"type":"object"}""", Assert.Single(result.Tools).Parameters.GetRawText());
    }

    [Fact]
    public void Write_ReadByMicrosoftOpenApi_HasNoFault()
    {
        // act: without what its model has no place for, see OpenApiImport
        var document = OpenApiExport.Write([.. Tools().Where(static (_, index) => index is not (3 or 4))], "https://gateway.example.com");
        var result = OpenApiDocument.Parse(Encoding.UTF8.GetString(document), "json");

        // assert
        Assert.Empty(result.Diagnostic!.Errors);
        var operation = result.Document!.Paths["/v1/tools/tool-1/call"].Operations![HttpMethod.Post];
        Assert.Equal("tool-1", operation.OperationId);
        Assert.Equal(["city", "days"], operation.RequestBody!.Content!["application/json"].Schema!.Properties!.Keys);
        Assert.Equal(["content", "is_error"], operation.Responses!["200"].Content!["application/json"].Schema!.Properties!.Keys);
        Assert.Equal(SecuritySchemeType.Http, result.Document.Components!.SecuritySchemes!["bearer"].Type);
    }

    private static RegisteredTool[] Tools() => [.. _parameters.Select(static (parameters, index) => Tool($"tool-{index}", index == 0 ? "" : $" Does \"{index}\"\n ", parameters)), Tool("___", "x", _parameters[0])];

    private static RegisteredTool Tool(string name, string description, string parameters)
    {
        var (definition, faults) = ToolDefinitionReader.Read(JsonElement.Parse($$"""{"name":"{{name}}","description":{{JsonSerializer.Serialize(description)}},"parameters":{{parameters}}}"""));
        Assert.Empty(faults);
        return new RegisteredTool(definition!, "owner", ToolSource.Caller);
    }
}
