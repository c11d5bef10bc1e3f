using System.Text.Json.Nodes;
using RouterGateway.Router.Routes;
using RouterGateway.Router.Routes.Source;

namespace RouterGateway.Router.Tests.Routes.Source;

public sealed class RoutesFileSchemaTests
{
    private static readonly string _committed = Repository.PathOf("routes.schema.json");

    [Fact]
    public void Write_TheCommittedFile_IsFresh()
    {
        var written = RoutesFileSchema.Write();
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") == "1")
        {
            File.WriteAllText(_committed, written);
        }

        Assert.True(
            File.Exists(_committed) && File.ReadAllText(_committed) == written,
            "routes.schema.json is stale; refresh it with: UPDATE_SCHEMA=1 dotnet run --project tests/Router.Tests -- -class RouterGateway.Router.Tests.Routes.Source.RoutesFileSchemaTests");
    }

    [Fact]
    public void Write_EveryObject_RefusesUnknownKeysAndDescribesItsOwn()
    {
        var schema = JsonNode.Parse(RoutesFileSchema.Write())!;

        var objects = Objects(schema).ToArray();

        Assert.Equal(19, objects.Length);
        Assert.All(objects, static o => Assert.Equal("false", o["additionalProperties"]?.ToJsonString()));
        Assert.All(objects.SelectMany(static o => o["properties"]!.AsObject()), static p => Assert.True(p.Value!["description"] is not null, p.Key));
    }

    [Fact]
    public void Write_EveryDefault_IsWhatTheLoaderFillsIn()
    {
        using var folder = new RoutesFolder();
        var table = RouteTableLoader.Load(folder.RoutesFile).Table!;
        var cluster = table.ClustersById["coding"];
        var schema = JsonNode.Parse(RoutesFileSchema.Write())!["properties"]!;

        var router = schema["router"]!["properties"]!;
        var clusters = schema["clusters"]!["additionalProperties"]!["properties"]!;

        var decisions = schema["decisions"]!["properties"]!;

        Assert.Equal(RedisSettings.DefaultPrefix, (string?)decisions["redisPrefix"]!["default"]);
        Assert.Equal(table.Decisions.RedisBudget, Parse(decisions["redisBudget"]));
        Assert.Equal(table.Decisions.Ttl, Parse(decisions["ttl"]));
        Assert.Equal(table.Decisions.AbstainTtl, Parse(decisions["abstainTtl"]));
        Assert.Equal(table.Decisions.MemoryEntries, (int)decisions["memoryEntries"]!["default"]!);
        Assert.Equal(table.Decisions.SessionTtl, Parse(decisions["sessionTtl"]));
        Assert.Equal(table.Decisions.SwitchMargin, (double)decisions["switchMargin"]!["default"]!);
        Assert.Equal(table.Decisions.Receipts, (int)decisions["receipts"]!["default"]!);
        Assert.Equal(table.Decisions.KeepText, (bool)decisions["keepText"]!["default"]!);
        Assert.Equal(table.Settings.Device, (string?)router["device"]!["default"]);
        Assert.Equal(table.Settings.Deadline, Parse(router["deadline"]));
        Assert.Equal(table.Settings.MinConfidence, (double)router["minConfidence"]!["default"]!);
        Assert.Equal(table.Settings.MinMargin, (double)router["minMargin"]!["default"]!);
        Assert.Equal("last-user", (string?)router["text"]!["default"]);
        Assert.Equal(cluster.LoadBalancing, (string?)clusters["loadBalancing"]!["default"]);
        Assert.Equal(cluster.Embedded!.KvCache, (string?)clusters["embedded"]!["properties"]!["kvCache"]!["default"]);
        Assert.Equal(cluster.Embedded.Device, (string?)clusters["embedded"]!["properties"]!["device"]!["default"]);
        Assert.Equal(cluster.Timeouts.Connect, Parse(clusters["timeouts"]!["properties"]!["connect"]));
        Assert.Equal(cluster.Timeouts.FirstToken, Parse(clusters["timeouts"]!["properties"]!["firstToken"]));
        Assert.Equal(cluster.Timeouts.Idle, Parse(clusters["timeouts"]!["properties"]!["idle"]));
    }

    private static TimeSpan Parse(JsonNode? property)
    {
        Assert.True(Duration.TryParse((string)property!["default"]!, out var duration));
        return duration;
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => node switch
    {
        JsonObject o => (o["properties"] is JsonObject && o["type"] is not null ? [o] : Enumerable.Empty<JsonObject>()).Concat(o.SelectMany(static p => Objects(p.Value))),
        JsonArray a => a.SelectMany(Objects),
        _ => [],
    };
}
