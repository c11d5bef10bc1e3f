using System.Text.Json;
using System.Text.Json.Nodes;
using RouterGateway.Router.Tools.Schemas;

namespace RouterGateway.Router.Tests.Tools.Schemas;

/// <summary>What everybody else agrees that schemas mean.</summary>
public sealed class JsonSchemaSuiteTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("draft2020-12", 1000)]
    [InlineData("draft2019-09", 1000)]
    [InlineData("draft7", 700)]
    public void Suite_Draft_Agrees(string draft, int least)
    {
        var folder = JsonSchemaSuite.Folder(draft);
        var files = Directory.GetFiles(folder, "*.json").Concat(Directory.GetFiles(Path.Combine(folder, "optional"), "*.json"));
        var (passed, skipped, failures) = (0, new Dictionary<string, int>(), new List<string>());

        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            foreach (var group in JsonNode.Parse(File.ReadAllBytes(file))!.AsArray())
            {
                var (name, cases) = ((string)group!["description"]!, group["tests"]!.AsArray().Count);
                var reason = UnsupportedCases.Reason(Path.GetRelativePath(folder, file), name);
                var wrong = (reason is null ? Run(Name(group["schema"]!, draft), group["tests"]!.AsArray()) : reason == UnsupportedCases.Remote ? Refuse(group["schema"]!) : [])
                    .Select(fault => $"{Path.GetRelativePath(folder, file)}: {name}: {fault}").ToList();
                failures.AddRange(wrong);
                passed += reason is null ? cases - wrong.Count : 0;
                skipped[reason ?? ""] = skipped.GetValueOrDefault(reason ?? "") + (reason is null ? 0 : cases);
            }
        }

        output.WriteLine($"{draft}: {passed} passed, {skipped.Values.Sum()} left out");
        output.WriteLine(string.Join('\n', skipped.Where(static entry => entry.Value > 0).Select(static entry => $"  {entry.Value} left out: {entry.Key}")));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.True(passed > least, $"only {passed} were run");
    }

    private static IEnumerable<string> Run(JsonNode schema, JsonArray tests)
    {
        if (!JsonSchema.TryCreate(Element(schema), out var read, out var fault))
        {
            return tests.Select(test => $"{test!["description"]}: {fault}");
        }

        return tests.Select(test => (test: test!, faults: read.Check(Element(test!["data"]))))
            .Where(static run => (bool)run.test["valid"]! != (run.faults.Count == 0))
            .Select(static run => $"{run.test["description"]}: {(run.faults.Count == 0 ? "found valid" : string.Join(", ", run.faults))}");
    }

    private static IEnumerable<string> Refuse(JsonNode schema)
    {
        if (JsonSchema.TryCreate(Element(schema), out _, out var fault) || !fault.Contains("not in this schema", StringComparison.Ordinal))
        {
            yield return $"is to be refused as referring to another document; said: {fault}";
        }
    }

    // A file of draft-07 says so by its folder only.
    private static JsonNode Name(JsonNode schema, string draft)
    {
        if (draft == "draft7" && schema is JsonObject named)
        {
            named.TryAdd("$schema", "http://json-schema.org/draft-07/schema#");
        }

        return schema;
    }

    private static JsonElement Element(JsonNode? node) => JsonSerializer.SerializeToElement(node);
}
