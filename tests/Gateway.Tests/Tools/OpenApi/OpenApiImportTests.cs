using System.Text;
using System.Text.Json;
using RouterGateway.Gateway.Tools.OpenApi;
using RouterGateway.Router.Tools;

namespace RouterGateway.Gateway.Tests.Tools.OpenApi;

public sealed class OpenApiImportTests
{
    [Fact]
    public void Read_ParametersOfAllPlaces_BecomeOneObject()
    {
        // arrange
        var document = Document("""
            "/users/{id}": {
              "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" }, "description": "of the path" }],
              "put": {
                "operationId": "users.update", "summary": "Updates", "description": "a user",
                "parameters": [
                  { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" }, "description": "Who" },
                  { "name": "tags", "in": "query", "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Tag" } } },
                  { "name": "X-Tenant", "in": "header", "required": true, "schema": { "type": "string" } },
                  { "name": "session", "in": "cookie", "schema": { "type": "string" } },
                  { "$ref": "#/components/parameters/Dry" }
                ],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/User" } } } }
              }
            }
            """, """
            "parameters": { "Dry": { "name": "dry", "in": "query", "schema": { "type": "boolean" } } },
            "schemas": {
              "Tag": { "type": "string" },
              "User": { "type": "object", "properties": { "name": { "type": "string" }, "friend": { "$ref": "#/components/schemas/User" } }, "required": ["name"], "additionalProperties": false }
            }
            """);

        // act
        var result = OpenApiImport.Read(document, null);

        // assert
        Assert.Null(result.Fault);
        var tool = Assert.Single(result.Tools);
        Assert.Equal("users_update", tool.Name);
        Assert.Equal("Updates\na user", tool.Description);
        AssertJson(
            """
            { "type": "object",
              "properties": {
                "id": { "type": "integer", "description": "Who" },
                "tags": { "type": "array", "items": { "$ref": "#/$defs/Tag" } },
                "X-Tenant": { "type": "string" },
                "dry": { "type": "boolean" },
                "name": { "type": "string" },
                "friend": { "$ref": "#/$defs/User" } },
              "required": ["id", "X-Tenant", "name"],
              "additionalProperties": false,
              "$defs": {
                "Tag": { "type": "string" },
                "User": { "type": "object", "properties": { "name": { "type": "string" }, "friend": { "$ref": "#/$defs/User" } }, "required": ["name"], "additionalProperties": false } } }
            """, tool.Parameters);
        var target = Assert.IsType<HttpTarget>(tool.Target);
        Assert.Equal("https://api.example.com/v2/users/{id}", target.Url);
        Assert.Equal("PUT", target.Method);
        Assert.Equal(["tags", "dry"], target.Query);
        Assert.Equal("X-Tenant", target.Headers["x-tenant"].Argument);
        Assert.Equal("PUT /users/{id} has the cookie \"session\", and tools have none; it is left out", Assert.Single(result.Skipped));
    }

    [Fact]
    public void Read_BodyThatIsNoObjectOrConflicts_IsOneArgument()
    {
        // arrange
        var document = Document("""
            "/a": { "post": { "operationId": "list", "requestBody": { "required": true, "description": "All of them", "content": { "application/json": { "schema": { "type": "array" } } } } } },
            "/b/{id}": { "post": { "operationId": "clash", "parameters": [{ "name": "body", "in": "query", "schema": {} }],
              "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": { "id": {} } } } } } } },
            "/c": { "delete": { "operationId": "gone", "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": { "x": {} } } } } } } }
            """);

        // act
        var tools = OpenApiImport.Read(document, null).Tools;

        // assert
        Assert.Equal(["body", "body_2", "body"], tools.Select(static tool => ((HttpTarget)tool.Target).Body));
        AssertJson("""{ "type": "object", "properties": { "body": { "type": "array", "description": "All of them" } }, "required": ["body"] }""", tools[0].Parameters);
        AssertJson(
            """{ "type": "object", "properties": { "body": {}, "id": { "type": "string" }, "body_2": { "type": "object", "properties": { "id": {} } } }, "required": ["id"] }""",
            tools[1].Parameters);
    }

    [Fact]
    public void Read_SameNameInPathAndQuery_PathIsRenamed()
    {
        // arrange
        var document = Document("""
            "/a/{id}": { "get": { "parameters": [
              { "name": "id", "in": "query", "schema": { "type": "integer" } }, { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
              { "name": "id", "in": "header", "schema": { "type": "boolean" } } ] } }
            """);

        // act
        var tool = Assert.Single(OpenApiImport.Read(document, null).Tools);

        // assert
        var target = (HttpTarget)tool.Target;
        Assert.Equal("https://api.example.com/v2/a/{id_path}", target.Url);
        Assert.Equal("id_header", target.Headers["id"].Argument);
        Assert.Equal(["id"], target.Query);
        AssertJson(
            """{ "type": "object", "properties": { "id": { "type": "integer" }, "id_path": { "type": "string" }, "id_header": { "type": "boolean" } }, "required": ["id_path"] }""",
            tool.Parameters);
    }

    [Fact]
    public void Read_Version30_SchemasBecomeJsonSchema()
    {
        // arrange
        var document = Document("""
            "/a": { "get": { "parameters": [
              { "name": "a", "in": "query", "schema": { "type": "string", "nullable": true, "enum": ["x"], "example": "x" } },
              { "name": "b", "in": "query", "schema": { "type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false } },
              { "name": "c", "in": "query", "schema": { "$ref": "#/components/schemas/S", "type": "ignored" } } ] } }
            """, """ "schemas": { "S": { "type": "string" } } """, version: "3.0.3");

        // act
        var tool = Assert.Single(OpenApiImport.Read(document, null).Tools);

        // assert
        AssertJson(
            """
            { "type": "object", "properties": { "a": { "type": ["string", "null"], "enum": ["x", null] }, "b": { "type": "integer", "exclusiveMinimum": 1, "maximum": 9 }, "c": { "$ref": "#/$defs/S" } },
              "$defs": { "S": { "type": "string" } } }
            """, tool.Parameters);
    }

    [Fact]
    public void Read_Names_FitAndAreUniqueAndStable()
    {
        // arrange
        var document = Document($$"""
            "/users/{id}.json": { "get": {}, "post": { "operationId": "Größe/ändern" } },
            "/a": { "get": { "operationId": "same" }, "post": { "operationId": "same" }, "put": { "operationId": "{{new string('x', 80)}}" }, "patch": { "operationId": "{{new string('x', 90)}}" }, "delete": { "operationId": "…" } }
            """);

        // act
        var first = OpenApiImport.Read(document, null).Tools.Select(static tool => tool.Name).ToArray();
        var second = OpenApiImport.Read(document, null).Tools.Select(static tool => tool.Name);

        // assert
        Assert.Equal(["get_users_id_json", "Gr__e__ndern", "same", "same_2", new string('x', 64), new string('x', 62) + "_2", "delete_a"], first);
        Assert.Equal(first, second);
    }

    [Fact]
    public void Read_Security_NamesSecretsThatWereGiven()
    {
        // arrange
        var document = Document("""
            "/a": { "get": { "operationId": "bearer", "security": [{ "token": [] }] } },
            "/b": { "get": { "operationId": "key", "security": [{ "login": [] }, { "key": [] }], "parameters": [{ "name": "x-api-key", "in": "header", "schema": {} }] } },
            "/c": { "get": { "operationId": "none", "security": [] } },
            "/d": { "get": { "operationId": "unknown", "security": [{ "login": [] }] } },
            "/e": { "get": { "operationId": "global" } }
            """, """
            "securitySchemes": {
              "token": { "type": "http", "scheme": "Bearer" }, "key": { "type": "apiKey", "in": "header", "name": "X-Api-Key" }, "login": { "type": "oauth2", "flows": {} },
              "query": { "type": "apiKey", "in": "query", "name": "k" } }
            """, more: """, "security": [{ "query": [] }]""");

        // act
        var result = OpenApiImport.Read(document, null, new Dictionary<string, string> { ["token"] = "t", ["key"] = "k", ["login"] = "l", ["query"] = "q" });

        // assert
        var headers = result.Tools.ToDictionary(static tool => tool.Name, static tool => ((HttpTarget)tool.Target).Headers);
        Assert.Equal(new ToolHeader { Secret = "t", Prefix = "Bearer " }, headers["bearer"]["Authorization"]);
        Assert.Equal(new ToolHeader { Secret = "k" }, Assert.Single(headers["key"]).Value);
        Assert.Empty(headers["none"]);
        Assert.Empty(headers["unknown"]);
        Assert.Empty(headers["global"]);
        Assert.Equal(
            ["GET /d is secured by \"login\", which is neither a bearer token nor a key in a header; it is called without",
             "GET /e is secured by \"query\", which is neither a bearer token nor a key in a header; it is called without"],
            result.Skipped);
    }

    [Theory]
    [InlineData("""[{"url":"https://a.example.com/v1/"}]""", null, "https://a.example.com/v1/x")]
    [InlineData("""[{"url":"/v1"}]""", "https://b.example.com/docs/openapi.json", "https://b.example.com/v1/x")]
    [InlineData("""[{"url":"v1"}]""", "https://b.example.com/docs/", "https://b.example.com/docs/v1/x")]
    [InlineData("""[{"url":"https://{region}.example.com","variables":{"region":{"default":"eu"}}}]""", null, "https://eu.example.com/x")]
    [InlineData("""[]""", "https://b.example.com/base", "https://b.example.com/base/x")]
    [InlineData("""[{"url":"/v1"}]""", null, null)]
    [InlineData("""[{"url":"ftp://a.example.com"}]""", null, null)]
    [InlineData("""[{"url":"https://{evil}/"}]""", null, null)]
    [InlineData("""[{"url":"file:///etc"}]""", "https://b.example.com/", null)]
    public void Read_Servers_GiveAnAbsoluteUrl(string servers, string? baseUrl, string? url)
    {
        // arrange
        var document = Encoding.UTF8.GetBytes($$$"""{"openapi":"3.1.0","servers":{{{servers}}},"paths":{"/x":{"get":{} } } }""");

        // act
        var result = OpenApiImport.Read(document, baseUrl);

        // assert
        Assert.Null(result.Fault);
        Assert.Equal(url, result.Tools.Select(static tool => ((HttpTarget)tool.Target).Url).SingleOrDefault());
        Assert.Equal(url is null ? 1 : 0, result.Skipped.Count);
    }

    [Theory]
    [InlineData("""{"post":{"requestBody":{"content":{"multipart/form-data":{"schema":{}}}}}}""", "multipart/form-data")]
    [InlineData("""{"post":{"requestBody":{"content":{}}}}""", "no type")]
    [InlineData("""{"get":{"requestBody":{"required":true,"content":{"application/json":{}}}}}""", "GET has none")]
    [InlineData("""{"head":{}}""", "is HEAD")]
    [InlineData("""{"get":7}""", "no object")]
    [InlineData("""{"$ref":"#/paths/~1x"}""", "circle")]
    [InlineData("""{"$ref":"https://evil.example/doc.json#/x"}""", "not in the document")]
    [InlineData("""{"get":{"parameters":[{"$ref":"#/components/parameters/A"}]}}""", "circle")]
    [InlineData("""{"post":{"requestBody":{"$ref":"#/components/requestBodies/A"}}}""", "circle")]
    [InlineData("""{"get":{"parameters":[{"name":"a","in":"query","required":true,"schema":{"$ref":"#/components/schemas/A"}}]}}""", "circle")]
    [InlineData("""{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/A"}}}}}}}}""", "circle")]
    [InlineData("""{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"a":{"$ref":"other.json"}}}}}}}}""", "not in the document")]
    [InlineData("""{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"a":7}}}}}}}""", "is none")]
    [InlineData("""{"get":{"parameters":[{"name":"a","in":"query","required":true,"style":"deepObject","schema":{"type":"object"}}]}}""", "deepObject")]
    [InlineData("""{"get":{"parameters":[{"name":"a","in":"query","required":true,"explode":false,"schema":{"type":"array"}}]}}""", "form, array")]
    [InlineData("""{"get":{"parameters":[{"name":"Host","in":"header","required":true,"schema":{}}]}}""", "set by the gateway")]
    [InlineData("""{"get":{"parameters":[{"name":"s","in":"cookie","required":true,"schema":{}}]}}""", "cookie")]
    public void Read_OperationThatIsNoTool_SkippedWithAReason(string pathItem, string reason)
    {
        // arrange
        var document = Document($$"""
            "/x": {{pathItem}}, "/good": { "get": { "operationId": "good" } }
            """, """
            "schemas": { "A": { "$ref": "#/components/schemas/B" }, "B": { "$ref": "#/components/schemas/A" } },
            "parameters": { "A": { "$ref": "#/components/parameters/A" } }, "requestBodies": { "A": { "$ref": "#/components/requestBodies/A" } }
            """);

        // act
        var result = OpenApiImport.Read(document, null);

        // assert
        Assert.Equal("good", Assert.Single(result.Tools).Name);
        Assert.Contains(reason, Assert.Single(result.Skipped), StringComparison.Ordinal);
        Assert.Contains("/x", result.Skipped[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("openapi: 3.1.0", "not JSON")]
    [InlineData("[]", "3.0.x or 3.1.x")]
    [InlineData("""{"swagger":"2.0"}""", "Swagger 2.0")]
    [InlineData("""{"openapi":"4.0.0"}""", "3.0.x or 3.1.x")]
    [InlineData("""{"openapi":"3.1.0","x":"\ud800"}""", "not Unicode")]
    public void Read_NoDocument_Refused(string document, string fault)
    {
        // act
        var result = OpenApiImport.Read(Encoding.UTF8.GetBytes(document), null);

        // assert
        Assert.Contains(fault, result.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TooMuch_Refused()
    {
        // arrange
        var deep = Encoding.UTF8.GetBytes("""{"openapi":"3.1.0","x":""" + new string('[', 100_000) + new string(']', 100_000) + "}");
        var operations = Document(string.Join(',', Enumerable.Range(0, 2_001).Select(static number => $$""" "/{{number}}": { "get": {} } """)));
        var large = $$"""{ "type": "object", "properties": { "x": { "description": "{{new string('x', 200_000)}}" } } }""";
        var repeated = Document(
            string.Join(',', Enumerable.Range(0, 500).Select(static number => $$""" "/{{number}}": { "post": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/L" } } } } } } """)),
            $$""" "schemas": { "L": {{large}} } """);

        // act, assert
        Assert.Contains("bytes", OpenApiImport.Read(new byte[OpenApiImport.MostBytes + 1], null).Fault, StringComparison.Ordinal);
        Assert.Contains("depth", OpenApiImport.Read(deep, null).Fault, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("2000 operations", OpenApiImport.Read(operations, null).Fault, StringComparison.Ordinal);
        Assert.Contains("32 MiB", OpenApiImport.Read(repeated, null).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SchemaThatGrowsWithItsReferences_Skipped()
    {
        // arrange
        var schemas = string.Join(',', Enumerable.Range(0, 40).Select(static number =>
            $$""" "S{{number}}": { "description": "{{new string('x', 10_000)}}", "items": { "$ref": "#/components/schemas/S{{(number + 1) % 40}}" } } """));
        var document = Document("""
            "/x": { "post": { "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/S0" } } } } } }
            """, $$""" "schemas": { {{schemas}} } """);

        // act
        var result = OpenApiImport.Read(document, null);

        // assert
        Assert.Contains("256 KiB", Assert.Single(result.Skipped), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FuzzedDocuments_NeverThrows()
    {
        // arrange
        var random = new Random(99);
        var seed = Document("""
            "/users/{id}": { "parameters": [{ "$ref": "#/components/parameters/P" }], "servers": [{ "url": "/v3" }],
              "put": { "operationId": "u", "summary": "s", "description": "d", "security": [{ "k": [] }],
                "parameters": [{ "name": "tags", "in": "query", "style": "form", "explode": true, "schema": { "type": "array", "items": { "$ref": "#/components/schemas/T" } } }],
                "requestBody": { "required": true, "content": { "application/json": { "schema": { "allOf": [{ "$ref": "#/components/schemas/T" }], "type": "object", "properties": { "a": { "nullable": true } } } } } } } }
            """, """
            "schemas": { "T": { "anyOf": [{ "$ref": "#/components/schemas/T/anyOf/1" }, true], "enum": [1, null] } },
            "parameters": { "P": { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } } },
            "securitySchemes": { "k": { "type": "apiKey", "in": "header", "name": "x-k" } }
            """);
        var text = Encoding.UTF8.GetString(seed);
        string[] pieces = ["{}", "[]", "null", "7", "\"\"", "\"#\"", "\"#/\"", "\"#/paths/~1users~1{id}\"", "\"$ref\"", "true", "\"\\ud800\"", "\"#/components/schemas/T\"", "\"get\"", "\"object\""];
        var tokens = System.Text.RegularExpressions.Regex.Split(text, """("[^"]*"|true|[\[\]{},:])""");
        var documents = 0;

        // act, assert
        for (var round = 0; round < 5_000; round++)
        {
            var mutated = (string[])tokens.Clone();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(mutated.Length);
                mutated[at] = mutated[at].StartsWith('"') || mutated[at] == "true" ? pieces[random.Next(pieces.Length)] : random.Next(20) == 0 ? "" : mutated[at];
            }

            var bytes = Encoding.UTF8.GetBytes(string.Concat(mutated));
            if (random.Next(10) == 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var result = OpenApiImport.Read(bytes, random.Next(2) == 0 ? null : "https://b.example.com/", new Dictionary<string, string> { ["k"] = "s" });
            documents += result.Fault is null ? 1 : 0;
            Assert.All(result.Tools, static tool => Assert.True(ToolDefinition.IsName(tool.Name)));
        }

        Assert.True(documents > 1_000);
    }

    [Fact]
    public void Read_Element_SameAsBytes()
    {
        // arrange
        var document = Document(""" "/a": { "get": { "operationId": "a" } } """);

        // act
        var result = OpenApiImport.Read(JsonElement.Parse(document), null);

        // assert
        Assert.Equal("a", Assert.Single(result.Tools).Name);
        Assert.NotNull(OpenApiImport.Read(default(JsonElement), null).Fault);
    }

    private static byte[] Document(string paths, string components = "", string version = "3.1.0", string more = "") => Encoding.UTF8.GetBytes($$"""
        { "openapi": "{{version}}", "info": { "title": "t", "version": "1" }, "servers": [{ "url": "https://api.example.com/v2" }], "paths": { {{paths}} }, "components": { {{components}} } {{more}} }
        """);

    private static void AssertJson(string expected, JsonElement actual) => Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());
}
