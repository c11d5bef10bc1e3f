using System.Text.Json;
using System.Text.Json.Nodes;

namespace RouterGateway.Benchmarks.Clients;

/// <summary>A copy of a routes file with another classifier, scorer and device, and a deadline that no measurement meets; deleted at the end.</summary>
internal sealed class RoutesVariant : IDisposable
{
    private static readonly JsonDocumentOptions _reading = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private readonly string _folder = Directory.CreateTempSubdirectory("routes-variant-").FullName;

    public RoutesVariant(ClientsOptions options, bool hasClassifier, string? scorer, bool debias)
    {
        var root = Read(options.Routes);
        var origin = Path.GetDirectoryName(Path.GetFullPath(options.Routes))!;
        var router = root["router"]!.AsObject();
        MakeAbsolute(router, "classifier", origin);
        foreach (var cluster in root["clusters"]!.AsObject().Select(static entry => entry.Value!.AsObject()))
        {
            MakeAbsolute(cluster["embedded"]?.AsObject(), "model", origin);
        }

        foreach (var route in root["routes"]!.AsArray())
        {
            MakeAbsolute(route!.AsObject(), "examplesFile", origin);
        }

        router["classifier"] = hasClassifier ? router["classifier"]?.DeepClone() : null;
        router["scorer"] = scorer;
        router["scorerDebias"] = debias;
        router["device"] = options.Device;
        router["deadline"] = "10m";
        root.AsObject().Remove("$schema");
        System.IO.File.WriteAllText(File, root.ToJsonString());
    }

    /// <summary>The copy.</summary>
    public string File => Path.Combine(_folder, "routes.json");

    /// <summary>The scorer that a routes file names, as an absolute path; null when it names none.</summary>
    public static string? ScorerOf(string routes) =>
        Read(routes)["router"]?["scorer"]?.GetValue<string>() is { } folder ? Path.GetFullPath(folder, Path.GetDirectoryName(Path.GetFullPath(routes))!) : null;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static JsonNode Read(string routes) => JsonNode.Parse(System.IO.File.ReadAllText(routes), documentOptions: _reading)!;

    private static void MakeAbsolute(JsonObject? owner, string key, string origin)
    {
        if (owner?[key] is JsonValue value)
        {
            owner[key] = Path.GetFullPath(value.GetValue<string>(), origin);
        }
    }
}
