using System.Text.Json.Serialization;

namespace RouterGateway.Router.Routes.Source;

/// <summary>Generated metadata of the file's records: read by <see cref="ShapeCheck"/>, the deserializer and <see cref="RoutesFileSchema"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(DurationConverter)])]
[JsonSerializable(typeof(RoutesFile))]
internal sealed partial class RoutesFileContext : JsonSerializerContext;
