using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RouterGateway.Gateway.Tests.Support;
using RouterGateway.Gateway.Tools;
using RouterGateway.Router.Tools;
using static RouterGateway.Gateway.Tests.Tools.ToolTests;

namespace RouterGateway.Gateway.Tests.Tools.Api;

/// <summary>Seeded random and mutated definitions: refused, or kept exactly as they were accepted.</summary>
public sealed class ToolRegistrationFuzzTests
{
    private static readonly string[] _definitions =
    [
        """{"name":"NAME","description":"Tells é \u0041 <b>","parameters":{"type":"object","properties":{"city":{"type":"string","pattern":"^a+$","default":"\u2028"},"n":{"type":"number","multipleOf":0.5,"maximum":1e300}},"required":["city"],"additionalProperties":false},"visibility":"shared","leaseTtl":"90s"}""",
        """{"name":"NAME","type":"http","http":{"url":"https://api.example.com/{city}/x?a=b","method":"get","headers":{"X-One":"1","x-two":{"argument":"n","prefix":"n "}},"query":["n"]},"parameters":{"type":"object","properties":{"city":{"type":"string"},"n":{"type":"integer"}}}}""",
        """{"name":"NAME","http":{"url":"http://192.0.2.1/","body":"city"},"parameters":{"$defs":{"c":{"type":"string"}},"properties":{"city":{"$ref":"#/$defs/c"}}},"leaseTtl":"1.5h"}""",
        """{"name":"NAME","description":null,"parameters":null,"type":"client"}""",
    ];

    private const string OpenApi = """{"openapi":"3.1.0","info":{"title":"t","version":"1"},"servers":[{"url":"https://api.example.com/v1"}],"paths":{"/w/{city}":{"get":{"operationId":"NAME","summary":"s","parameters":[{"name":"city","in":"path","required":true,"schema":{"type":"string"}},{"name":"n","in":"query","schema":{"$ref":"#/components/schemas/N"}}]},"post":{"operationId":"NAMEb","requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":{"x":{"type":"number"}}}}}}}}},"components":{"schemas":{"N":{"type":"integer"}}}}""";

    private static readonly string[] _values =
    [
        "null", "true", "0", "-1", "1e400", "12345678901234567890.5", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "\"é😀\"", "\"client\"", "\"http\"", "\"mcp\"", "\"shared\"", "\"5m\"", "\"99999999h\"", "\"1.0004s\"",
        "[]", "[1]", "[\"a\",\"a\"]", "{}", "{\"\\ud800\":1}", "{\"a\":1,\"a\":2}", "{\"type\":\"object\"}", "{\"secret\":\"x\"}", "{\"url\":\"https://a.example/{b}\"}", "\"https://[::1]/\"", "\"https://a.example/\\ud83d\"",
    ];

    private static readonly string[] _names = ["name", "type", "http", "mcp", "parameters", "leaseTtl", "visibility", "properties", "$ref", "url", "headers", "\\ud800", "", "é", "tools", "allOf", "document"];

    [Theory]
    [InlineData(1, 2_500)]
    [InlineData(2, 2_500)]
    public async Task Register_ManyRandomDefinitions_AreRefusedOrKeptAsTheyAre(int seed, int count)
    {
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"), tools: LocalNetwork);
        var registry = host.Services.GetRequiredService<ToolRegistry>();
        var random = new Random(seed);
        var accepted = 0;
        for (var i = 0; i < count; i++)
        {
            var (key, name) = ($"key{i}", $"tool_{i}");
            var (method, path, body, tools) = Next(random, name);

            using var answer = await host.SendAsync(method, path, body, key);

            Assert.True((int)answer.StatusCode < 500, $"{method} {path} {(int)answer.StatusCode}: {body}");
            var listed = await host.JsonAsync(HttpMethod.Get, "/v1/tools", key: key);
            var own = listed["tools"]!.AsArray().Where(static tool => (string?)tool!["owner"] == "self").ToArray();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                Assert.True(own.Length == 0, $"{(int)answer.StatusCode}, yet registered: {body}");
                continue;
            }

            accepted++;
            var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            AssertSame(told["tools"]?.AsArray().OrderBy(static tool => (string?)tool!["name"], StringComparer.Ordinal) ?? (IEnumerable<JsonNode?>)[told], own, body);
            Assert.True(tools is null || own.Length == tools, body);
            AssertSurvives(registry);
            foreach (var tool in own)
            {
                AssertSame([tool], [await host.JsonAsync(HttpMethod.Get, "/v1/tools/" + tool!["name"], key: key)], body);
                using var removed = await host.SendAsync(HttpMethod.Delete, "/v1/tools/" + tool["name"], key: key);
                Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
            }
        }

        Assert.InRange(accepted, count / 10, count); // else nothing was tested
    }

    [Theory]
    [InlineData("POST", "/v1/tools", """{"name":"x","parameters":{"type":"object","description":"\ud800"}}""")]
    [InlineData("POST", "/v1/tools", """{"name":"x","parameters":{"type":"object","\ud800":1}}""")]
    [InlineData("POST", "/v1/tools", """{"name":"x","\ud800":1}""")]
    [InlineData("POST", "/v1/tools", """{"\ud800":1}""")]
    [InlineData("POST", "/v1/tools", """{"tools":[{"name":"x"},{"name":"y","parameters":{"enum":["\udc00"]}}]}""")]
    [InlineData("POST", "/v1/tools", """{"name":"x","http":{"url":"https://x.example/","headers":{"\ud800":"x"}}}""")]
    [InlineData("PUT", "/v1/tools/x", """{"\ud800":1}""")]
    [InlineData("POST", "/v1/tools/import", """{"\ud800":1}""")]
    [InlineData("POST", "/v1/tools/import", """{"document":{},"secrets":{"\ud800":"x"}}""")]
    [InlineData("POST", "/v1/tools/import", """{"openapi":"3.1.0","info":{"description":"\ud800"},"paths":{"\ud800":{"get":{}}}}""")]
    [InlineData("POST", "/v1/tools/search", """{"query":"x","\ud800":1}""")]
    [InlineData("POST", "/v1/tools/search", """{"\ud800":1,"query":"x"}""")]
    public async Task Body_WithHalfASurrogatePair_IsRefused(string method, string path, string body)
    {
        await using var host = await GatewayHost.StartAsync(GatewayHost.Cluster("main", "http://127.0.0.1:1"));

        using var refused = await host.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (refused.StatusCode, (await refused.ErrorAsync()).Code));
        Assert.Empty((await host.JsonAsync(HttpMethod.Get, "/v1/tools")).Names());
    }

    private static (HttpMethod Method, string Path, string Body, int? Tools) Next(Random random, string name) => random.Next(6) switch
    {
        0 or 1 => (HttpMethod.Post, "/v1/tools", Mutated(random, Definition(random, name)), null),
        2 => (HttpMethod.Put, $"/v1/tools/{name}", Mutated(random, Definition(random, name)), 1),
        3 => (HttpMethod.Post, "/v1/tools/import", Mutated(random, OpenApi.Replace("NAME", name, StringComparison.Ordinal)), null),
        _ when random.Next(1, 4) is var count => (HttpMethod.Post, "/v1/tools", $$"""{"tools":[{{string.Join(',', Enumerable.Range(0, count).Select(i => random.Next(2) == 0 ? Definition(random, $"{name}_{i}") : Mutated(random, Definition(random, $"{name}_{i}"))))}}]}""", null),
        _ => default,
    };

    private static string Definition(Random random, string name) => _definitions[random.Next(_definitions.Length)].Replace("NAME", name, StringComparison.Ordinal);

    // members and values are put into the text, so that what no writer would write is tried, too
    private static string Mutated(Random random, string json)
    {
        for (var i = random.Next(4); i > 0; i--)
        {
            var places = Enumerable.Range(0, json.Length).Where(at => json[at] is '{' or '[' or ':' or ',' or '"').ToArray();
            var at = places[random.Next(places.Length)];
            var value = random.Next(8) == 0 ? Deep(random) : _values[random.Next(_values.Length)];
            json = (json[at], random.Next(3)) switch
            {
                ('{', _) => json.Insert(at + 1, $"\"{_names[random.Next(_names.Length)]}\":{value}{(json[at + 1] == '}' ? "" : ",")}"),
                ('[', _) => json.Insert(at + 1, value + (json[at + 1] == ']' ? "" : ",")),
                (':', < 2) when ValueEnd(json, at + 1) is var end => string.Concat(json.AsSpan(0, at + 1), value, json.AsSpan(end)),
                (',', 0) => json.Remove(at, 1),
                ('"', 0) => json.Insert(at + 1, random.Next(2) == 0 ? "\\ud800" : "é"),
                _ => json,
            };
        }

        return json;
    }

    private static int ValueEnd(string json, int start)
    {
        var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json[start..]), isFinalBlock: false, default);
        try
        {
            return reader.Read() && reader.TrySkip() ? start + System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(json[start..]).AsSpan(0, (int)reader.BytesConsumed)).Length : start;
        }
        catch (JsonException)
        {
            return start;
        }
    }

    private static string Deep(Random random)
    {
        var depth = random.Next(2) == 0 ? random.Next(1, 50) : random.Next(200, 400);
        return string.Concat(Enumerable.Repeat("{\"not\":", depth)) + "{}" + new string('}', depth);
    }

    private static void AssertSame(IEnumerable<JsonNode?> one, IEnumerable<JsonNode?> other, string body)
    {
        var (first, second) = (string.Join('\n', one.Select(WithoutLease)), string.Join('\n', other.Select(WithoutLease)));
        Assert.True(first == second, $"{first}\nis not\n{second}\nof {body}");
    }

    private static string WithoutLease(JsonNode? tool)
    {
        var copy = (JsonObject)tool!.DeepClone();
        copy.Remove("leaseUntil");
        return copy.ToJsonString();
    }

    private static void AssertSurvives(ToolRegistry registry)
    {
        foreach (var registration in registry.Registrations())
        {
            var definition = registration.Tool.Definition;
            var (read, faults) = ToolDefinitionReader.Read(JsonElement.Parse(ToolDefinitionJson.ToBytes(definition), new JsonDocumentOptions { MaxDepth = 256 }));
            Assert.True(read is not null, string.Join("; ", faults.Select(static fault => string.Create(CultureInfo.InvariantCulture, $"{fault.Path}: {fault.Message}"))));
            Assert.Equal(registration.Tool.Hash, new RegisteredTool(read, registration.Tool.Owner, ToolSource.Caller).Hash);
            var row = ToolRow.Write(registration);
            var back = ToolRow.Read(row);
            Assert.True(back is not null, "lost in Redis: " + System.Text.Encoding.UTF8.GetString(row.Value));
            Assert.Equal((registration.Key, registration.Tool.Version, registration.Tool.Hash, registration.LeaseUntil), (back.Key, back.Tool.Version, back.Tool.Hash, back.LeaseUntil));
        }
    }
}
